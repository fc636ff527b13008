package import Messaging

/// A key that configuration knows: what it takes, and what stands for it when it is left out.
package struct SettingsKey: Sendable {
    /// What a key takes.
    package enum Kind: Sendable {
        case text
        /// A name that other keys, tables and metrics refer to.
        case name
        case integer(ClosedRange<Int>)
        case flag
        case duration(ClosedRange<Duration>)
        case size(ClosedRange<ByteSize>)
        case choice([String])
        /// The name of a column, or `none`.
        case column
        /// `{ file: … }`, `{ env: … }` or `{ credential: … }`.
        case secret
        case texts
        /// Any names, with a text, number, flag or secret each.
        case properties
        /// Keys of its own.
        case map
        /// Any names, with keys of their own each.
        case named
        /// A list of things with keys of their own.
        case list
    }

    /// Whether the key must be given.
    package enum Presence: Sendable, Hashable {
        case required
        /// Nothing, or what its description says, stands for it.
        case optional
        /// This stands for it, as it would be written.
        case otherwise(String)
    }

    /// `[]` stands for any element of a list, `*` for any name: `outboxes[].retry.first`.
    package let path: String
    package let kind: Kind
    package let presence: Presence

    init(_ path: String, _ kind: Kind, _ presence: Presence = .optional) {
        self.path = path
        self.kind = kind
        self.presence = presence
    }

    init(_ path: String, _ kind: Kind, or fallback: String) {
        self.init(path, kind, .otherwise(fallback))
    }

    /// The last word of the path.
    package var name: String { path.split(separator: ".").last.map(String.init) ?? path }

    /// The path of the map that the key stands in; empty at the top.
    package var parent: String { String(path.dropLast(name.count).dropLast()) }

    /// Smallest and largest value as people read them, where there are such.
    package var range: String? {
        switch kind {
        case .integer(let range):
            "\(range.lowerBound) to \(range.upperBound)"
        case .duration(let range):
            "\(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))"
        case .size(let range):
            "\(range.lowerBound) to \(range.upperBound)"
        default:
            nil
        }
    }
}
