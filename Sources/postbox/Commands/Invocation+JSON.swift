import FoundationEssentials

extension Invocation {
    /// Prints the value as JSON with sorted names, for people over several lines.
    func print(json value: some Encodable, onOneLine: Bool = false) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            onOneLine
            ? [.sortedKeys, .withoutEscapingSlashes]
            : [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    func print(_ lines: [String]) { print(lines.joined(separator: "\n")) }
}
