/// Looks through the parked messages of one outbox or inbox, and sends them on their way again.
///
/// Each call opens a session of its own and blocks; who works on the message, here or elsewhere,
/// takes up what was changed by itself.
package protocol DeadLetterDesk: Sendable {
    var mailbox: Mailbox { get }

    func list(_ selection: DeadLetterSelection) throws -> [DeadLetter]

    /// One message with its contents; nil when it is not parked.
    ///
    /// At most 1 MiB of the payload.
    func show(_ id: Int64) throws -> DeadLetterContents?

    /// Makes dead letters ready again, with their attempts counted anew.
    ///
    /// Returns how many.
    func retry(_ selection: DeadLetterSelection) throws -> Int

    /// Deletes dead letters for good, and lets those behind them go on.
    ///
    /// Returns how many.
    func discard(_ selection: DeadLetterSelection) throws -> Int
}

/// A parked message with what it carries.
package struct DeadLetterContents: Sendable, Hashable {
    package let letter: DeadLetter
    /// JSON text.
    package let headers: String?
    package let payload: [UInt8]?

    package init(letter: DeadLetter, headers: String?, payload: [UInt8]?) {
        self.letter = letter
        self.headers = headers
        self.payload = payload
    }
}
