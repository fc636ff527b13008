/// The address of one dead letter: `/dead-letters/OUTBOX/ID`.
struct DeadLetterPlace: Equatable {
    let outbox: String
    let id: Int64

    private static let folder = "/dead-letters/"

    init(outbox: String, id: Int64) {
        self.outbox = outbox
        self.id = id
    }

    /// Nil when the path is of another form; the id is what follows the last slash.
    init?(path: String) {
        guard path.hasPrefix(Self.folder) else { return nil }
        let rest = path.dropFirst(Self.folder.count)
        guard let slash = rest.lastIndex(of: "/"), slash > rest.startIndex,
            let id = Int64(rest[rest.index(after: slash)...])
        else { return nil }
        self.init(outbox: String(rest[..<slash]), id: id)
    }

    var path: String { "\(Self.folder)\(outbox)/\(id)" }
}
