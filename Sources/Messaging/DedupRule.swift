/// How an inbox recognises a message that it has seen.
package struct DedupRule: Sendable, Hashable {
    package var mode: DedupMode
    package var id: MessageIDSource
    /// How old a message may be, by its own time, to be recognised.
    package var window: Duration
    package var outside: OutsideWindowRule
    package var missing: MissingIDRule
    /// Whether the window may be shorter than a topic's retention.
    package var allowsShortWindow: Bool

    package init(
        mode: DedupMode = .id,
        id: MessageIDSource = .header("message-id"),
        window: Duration = .seconds(7 * 86_400),
        outside: OutsideWindowRule = .park,
        missing: MissingIDRule = .deadLetter,
        allowsShortWindow: Bool = false
    ) {
        self.mode = mode
        self.id = id
        self.window = window
        self.outside = outside
        self.missing = missing
        self.allowsShortWindow = allowsShortWindow
    }
}

/// Whether repeats are recognised.
package enum DedupMode: String, Sendable, Hashable, CaseIterable {
    /// By an id that each message carries.
    case id
    /// Not at all: applying twice is harmless.
    case none
}

/// Where a message's id stands.
package enum MessageIDSource: Sendable, Hashable {
    case header(String)
    /// The members to follow from the root of a JSON payload: `$.event.id` is `["event", "id"]`.
    case json([String])
}

/// What becomes of a message that is older than the window.
package enum OutsideWindowRule: String, Sendable, Hashable, CaseIterable {
    /// It becomes a dead letter.
    case park
    case apply
    case drop
}

/// What becomes of a message without an id.
package enum MissingIDRule: String, Sendable, Hashable, CaseIterable {
    case deadLetter = "dead_letter"
    /// Its topic, partition and offset are its id.
    case position
}
