/// An outbox or an inbox, by its name.
package struct Mailbox: Sendable, Hashable, Codable, CustomStringConvertible {
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case outbox
        case inbox
    }

    package var kind: Kind
    package var name: String

    package init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    package static func outbox(_ name: String) -> Self { Self(.outbox, name) }
    package static func inbox(_ name: String) -> Self { Self(.inbox, name) }

    package var description: String { "\(kind.rawValue) \(name)" }
}
