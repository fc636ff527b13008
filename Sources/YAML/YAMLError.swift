/// Why a document is refused, and where.
///
/// Never holds a value of the document: it may be a secret.
package enum YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Not YAML; the words are the parser's and quote nothing.
    case malformed(String, at: YAMLMark)
    case anchor(at: YAMLMark)
    case alias(at: YAMLMark)
    case tag(at: YAMLMark)
    case mergeKey(at: YAMLMark)
    case keyNotScalar(at: YAMLMark)
    case duplicateKey(String, at: YAMLMark, first: YAMLMark)
    case secondDocument(at: YAMLMark)
    case tooLarge
    case tooDeep(at: YAMLMark)
    case tooManyNodes(at: YAMLMark)

    package var mark: YAMLMark {
        switch self {
        case .malformed(_, let mark), .anchor(let mark), .alias(let mark), .tag(let mark),
            .mergeKey(let mark), .keyNotScalar(let mark), .duplicateKey(_, let mark, _),
            .secondDocument(let mark), .tooDeep(let mark), .tooManyNodes(let mark):
            mark
        case .tooLarge:
            .start
        }
    }

    /// What is wrong, without the place.
    package var reason: String {
        switch self {
        case .malformed(let words, _): "is not YAML: \(words)"
        case .anchor: "anchors (&) are not allowed"
        case .alias: "aliases (*) are not allowed"
        case .tag: "tags (!) are not allowed"
        case .mergeKey: "merge keys (<<) are not allowed"
        case .keyNotScalar: "a key must be a word"
        case .duplicateKey(let key, _, let first):
            "\(YAMLError.printable(key)): this key stands at \(first) already"
        case .secondDocument: "only one document is allowed"
        case .tooLarge: "must not be larger than 1MiB"
        case .tooDeep: "must not be nested deeper than \(YAMLLimits.depth)"
        case .tooManyNodes: "must not hold more than \(YAMLLimits.nodes) values"
        }
    }

    package var description: String { "\(mark): \(reason)" }

    /// A key cut short and without what would disturb a terminal.
    package static func printable(_ key: String) -> String {
        let shown = key.unicodeScalars.prefix(120).map { scalar in
            scalar.properties.generalCategory == .control ? "?" : String(scalar)
        }
        return shown.joined() + (key.unicodeScalars.count > 120 ? "…" : "")
    }
}
