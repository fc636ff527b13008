package import Messaging

/// How configuration writes a size: a whole number and one unit, `512B 10KiB 64MiB 1GiB`.
package enum ByteSizeText {
    private static let units: [String: Int] = ["B": 0, "KiB": 10, "MiB": 20, "GiB": 30]

    /// Nil when the text is not a size, or one larger than the numbers here can hold.
    package static func parse(_ text: String) -> ByteSize? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), let shift = units[String(text[digits.endIndex...])],
            count <= Int.max >> shift
        else { return nil }
        return ByteSize(bytes: count << shift)
    }
}
