/// A message taken out of the flow, as `dead-letters` shows it.
///
/// Never its payload unless asked for.
package struct DeadLetter: Sendable, Hashable, Codable {
    /// Why the message stands outside the table.
    package enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// Waits for a person.
        case dead
        /// Waits behind an earlier message of its key.
        case held
        /// Will be tried again by itself.
        case retrying
    }

    package var mailbox: Mailbox
    package var id: Int64
    package var messageID: String?
    package var topic: String?
    /// Where it stood in the topic; nil for one of an outbox.
    package var partition: Int32?
    package var offset: Int64?
    package var key: String?
    package var type: String?
    package var state: State
    /// What refused it, in words; nil for a held one.
    package var reason: String?
    package var attempts: Int
    package var payloadBytes: Int?
    /// Times by the database's clock, ISO 8601.
    package var createdAt: String?
    package var parkedAt: String
    package var retryAt: String?
    /// Messages of the same key that wait behind this one.
    package var followers: Int64?

    package init(_ mailbox: Mailbox, id: Int64, state: State, attempts: Int, parkedAt: String) {
        self.mailbox = mailbox
        self.id = id
        self.state = state
        self.attempts = attempts
        self.parkedAt = parkedAt
    }
}

/// Which dead letters a command means.
package struct DeadLetterSelection: Sendable, Hashable, Codable {
    /// Nil: every outbox and inbox of the daemon.
    package var mailbox: Mailbox?
    /// Empty: all that match the rest.
    package var ids: [Int64]
    package var key: String?
    /// Nil: dead ones only; `list` also takes the others.
    package var states: [DeadLetter.State]?
    package var limit: Int

    package init(
        _ mailbox: Mailbox? = nil,
        ids: [Int64] = [],
        key: String? = nil,
        states: [DeadLetter.State]? = nil,
        limit: Int = 100
    ) {
        self.mailbox = mailbox
        self.ids = ids
        self.key = key
        self.states = states
        self.limit = limit
    }
}
