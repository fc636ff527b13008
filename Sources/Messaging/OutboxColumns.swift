/// Which column of a user's table holds which part of a message.
///
/// Nil: the table has none.
package struct OutboxColumns: Sendable, Hashable {
    /// Rises with insertion; the order that is kept, and how a row is named when it is settled.
    package var id: String
    package var messageID: String?
    package var topic: String?
    package var key: String?
    package var type: String?
    package var payload: String
    package var headers: String?
    package var availableAt: String?
    package var createdAt: String?
    /// The chain: what a message follows from.
    ///
    /// A table may lack these columns: they are read where they are.
    package var correlationID: String?
    package var causationID: String?
    package var traceparent: String?

    package init(
        id: String = "id",
        messageID: String? = "message_id",
        topic: String? = "topic",
        key: String? = "key",
        type: String? = "type",
        payload: String = "payload",
        headers: String? = "headers",
        availableAt: String? = "available_at",
        createdAt: String? = "created_at",
        correlationID: String? = "correlation_id",
        causationID: String? = "causation_id",
        traceparent: String? = "traceparent"
    ) {
        self.id = id
        self.messageID = messageID
        self.topic = topic
        self.key = key
        self.type = type
        self.payload = payload
        self.headers = headers
        self.availableAt = availableAt
        self.createdAt = createdAt
        self.correlationID = correlationID
        self.causationID = causationID
        self.traceparent = traceparent
    }

    /// The table that `postbox migrate` creates.
    package static let postbox = OutboxColumns()

    /// A table made for Debezium's outbox event router, with the identity column that
    /// `postbox migrate` adds to it for order.
    package static let debezium = OutboxColumns(
        id: "postbox_seq",
        messageID: "id",
        topic: nil,
        key: "aggregateid",
        type: "type",
        payload: "payload",
        headers: nil,
        availableAt: nil,
        createdAt: nil,
        correlationID: nil,
        causationID: nil,
        traceparent: nil
    )

    /// Every column that is mapped, with the word configuration has for it.
    package var mapped: [(role: String, column: String)] {
        let roles: [(String, String?)] = [
            ("id", id), ("message_id", messageID), ("topic", topic), ("key", key),
            ("type", type), ("payload", payload), ("headers", headers),
            ("available_at", availableAt), ("created_at", createdAt),
            ("correlation_id", correlationID), ("causation_id", causationID),
            ("traceparent", traceparent),
        ]
        return roles.compactMap { role, column in column.map { (role, $0) } }
    }

    /// The columns of the chain, with the headers they become.
    package var chain: [(header: String, column: String)] {
        let headers: [(String, String?)] = [
            ("correlation-id", correlationID), ("causation-id", causationID),
            ("traceparent", traceparent),
        ]
        return headers.compactMap { header, column in column.map { (header, $0) } }
    }
}
