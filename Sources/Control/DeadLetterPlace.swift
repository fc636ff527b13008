import Messaging

/// The address of one dead letter: `/dead-letters/outbox/NAME/ID`, or with `inbox`.
struct DeadLetterPlace: Equatable {
    let mailbox: Mailbox
    let id: Int64

    private static let folder = "/dead-letters/"

    init(_ mailbox: Mailbox, id: Int64) {
        self.mailbox = mailbox
        self.id = id
    }

    /// Nil when the path is of another form; the id is what follows the last slash.
    init?(path: String) {
        guard path.hasPrefix(Self.folder) else { return nil }
        let rest = path.dropFirst(Self.folder.count)
        guard let first = rest.firstIndex(of: "/"), let last = rest.lastIndex(of: "/"),
            let kind = Mailbox.Kind(rawValue: String(rest[..<first])),
            let id = Int64(rest[rest.index(after: last)...])
        else { return nil }
        let name = first < last ? rest[rest.index(after: first)..<last] : ""
        guard !name.isEmpty else { return nil }
        self.init(Mailbox(kind, String(name)), id: id)
    }

    var path: String { "\(Self.folder)\(mailbox.kind.rawValue)/\(mailbox.name)/\(id)" }
}
