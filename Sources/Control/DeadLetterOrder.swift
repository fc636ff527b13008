import FoundationEssentials
import HTTP
package import Messaging

/// What `retry` and `discard` are told: a selection that names messages, or `all` said aloud.
package struct DeadLetterOrder: Sendable, Hashable {
    package let selection: DeadLetterSelection
    package let all: Bool

    /// Throws when the selection names neither ids nor a key and `all` is not said, and when ids
    /// stand without the outbox or inbox that they belong to.
    package init(_ selection: DeadLetterSelection, all: Bool) throws(ControlError) {
        if selection.ids.isEmpty, selection.key == nil, !all {
            throw .badRequest("name ids or a key, or say \"all\": true")
        }
        if !selection.ids.isEmpty, selection.mailbox == nil {
            throw .badRequest("ids need the outbox or inbox that they belong to")
        }
        if all, !selection.ids.isEmpty || selection.key != nil {
            throw .badRequest("\"all\" and ids or a key exclude each other")
        }
        self.selection = selection
        self.all = all
    }
}

extension DeadLetterOrder: Codable {
    private enum Field: String, CodingKey, CaseIterable {
        case outbox, inbox, ids, key, states, limit, all
    }

    /// Strict, because a misspelt field would widen what is discarded: unknown fields are refused.
    package init(from decoder: any Decoder) throws {
        let written = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        if let stranger = written.sorted().first(where: { Field(rawValue: $0) == nil }) {
            let known = Field.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlError.badRequest("unknown field \"\(stranger)\"; known are \(known)")
        }
        let fields = try decoder.container(keyedBy: Field.self)
        let selection = DeadLetterSelection(
            try Self.mailbox(fields),
            ids: try fields.decodeIfPresent([Int64].self, forKey: .ids) ?? [],
            key: try fields.decodeIfPresent(String.self, forKey: .key),
            states: try fields.decodeIfPresent([DeadLetter.State].self, forKey: .states),
            limit: try fields.decodeIfPresent(Int.self, forKey: .limit) ?? .max
        )
        guard selection.limit > 0 else { throw ControlError.badRequest("limit must be above 0") }
        try self.init(
            selection,
            all: try fields.decodeIfPresent(Bool.self, forKey: .all) ?? false
        )
    }

    private static func mailbox(_ fields: KeyedDecodingContainer<Field>) throws -> Mailbox? {
        let outbox = try fields.decodeIfPresent(String.self, forKey: .outbox)
        let inbox = try fields.decodeIfPresent(String.self, forKey: .inbox)
        guard outbox == nil || inbox == nil else {
            throw ControlError.badRequest("outbox and inbox exclude each other")
        }
        return outbox.map(Mailbox.outbox) ?? inbox.map(Mailbox.inbox)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Field.self)
        if let mailbox = selection.mailbox {
            try fields.encode(mailbox.name, forKey: mailbox.kind == .outbox ? .outbox : .inbox)
        }
        try fields.encode(selection.ids, forKey: .ids)
        try fields.encodeIfPresent(selection.key, forKey: .key)
        try fields.encodeIfPresent(selection.states, forKey: .states)
        if selection.limit != .max { try fields.encode(selection.limit, forKey: .limit) }
        try fields.encode(all, forKey: .all)
    }
}

extension DeadLetterOrder {
    /// Reads the body of a request, and says in the caller's words what is wrong with it.
    init(json body: [UInt8]) throws(ControlError) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(body))
        } catch let error as ControlError {
            throw error
        } catch DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context)
        {
            throw .badRequest("\(Self.place(of: context)) has the wrong type")
        } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
            throw .badRequest("\(Self.place(of: context)) has a value that is not known")
        } catch {
            throw .badRequest("the body is not the JSON object that is asked for")
        }
    }

    func request(_ path: String) throws(ControlError) -> HTTPRequest {
        do {
            return HTTPRequest("POST", path, body: Array(try JSONEncoder().encode(self)))
        } catch {
            throw .badRequest("the selection cannot be written as JSON")
        }
    }

    private static func place(of context: DecodingError.Context) -> String {
        let path = context.codingPath.map { key in
            key.intValue.map { "[\($0)]" } ?? key.stringValue
        }.joined()
        return path.isEmpty ? "the body" : path
    }
}

/// Any key at all, to see which ones were written.
private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
