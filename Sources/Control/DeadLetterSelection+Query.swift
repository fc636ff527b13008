package import Messaging

/// How a selection is written in the query of `GET /dead-letters`.
extension DeadLetterSelection {
    /// The most that one answer lists.
    package static let listLimit = 10_000

    /// Reads `outbox` or `inbox`, `id` (a comma list), `key`, `state` (likewise) and `limit`; anything else
    /// is refused.
    init(query: [String: String]) throws(ControlError) {
        self.init()
        for (name, value) in query {
            switch name {
            case "outbox", "inbox":
                guard mailbox == nil else {
                    throw .badRequest("outbox and inbox exclude each other")
                }
                mailbox = Mailbox(name == "outbox" ? .outbox : .inbox, value)
            case "key": key = value
            case "id": ids = try Self.items(value, of: name) { Int64($0) }
            case "state": states = try Self.items(value, of: name, as: DeadLetter.State.init)
            case "limit": limit = try Self.limit(value)
            default:
                throw .badRequest(
                    "unknown parameter \"\(name)\"; known are outbox, inbox, id, key, "
                        + "state, limit"
                )
            }
        }
    }

    var query: [String: String] {
        var query = ["limit": String(limit)]
        if let mailbox { query[mailbox.kind.rawValue] = mailbox.name }
        query["key"] = key
        if !ids.isEmpty {
            query["id"] = ids.map { String($0) }.joined(separator: ",")
        }
        query["state"] = states?.map(\.rawValue).joined(separator: ",")
        return query
    }

    private static func items<Item>(
        _ list: String,
        of name: String,
        as read: (String) -> Item?
    ) throws(ControlError) -> [Item] {
        var items: [Item] = []
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            guard let item = read(String(part)) else {
                throw .badRequest("\"\(part)\" is no \(name)")
            }
            items.append(item)
        }
        return items
    }

    private static func limit(_ text: String) throws(ControlError) -> Int {
        guard let limit = Int(text), (1...listLimit).contains(limit) else {
            throw .badRequest("limit must be between 1 and \(listLimit), got \"\(text)\"")
        }
        return limit
    }
}
