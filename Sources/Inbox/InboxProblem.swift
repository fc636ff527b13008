/// Something that `postbox check` found in PostgreSQL, with its remedy.
package struct InboxProblem: Sendable, Hashable {
    /// What of the configuration it concerns.
    package enum Part: Sendable, Hashable {
        /// Postbox's own tables.
        case state
        /// What applies the messages.
        case apply
    }

    package let part: Part
    /// Whether it works in spite of it.
    package let isWarning: Bool
    package let message: String

    package init(_ part: Part, isWarning: Bool = false, _ message: String) {
        self.part = part
        self.isWarning = isWarning
        self.message = message
    }
}
