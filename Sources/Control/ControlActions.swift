package import Messaging

/// The work behind the routes, filled in by the daemon.
///
/// Each may block and may run on any thread; what it throws is told to the caller, with a status of its own if it is a `ControlError`.
package struct ControlActions: Sendable {
    package typealias Count = @Sendable (DeadLetterSelection) throws -> Int

    package var status: @Sendable () throws -> StatusReport
    package var listDeadLetters: @Sendable (DeadLetterSelection) throws -> [DeadLetter]
    /// Nil: there is no such dead letter.
    ///
    /// At most `DeadLetterDetail.payloadLimit` of the payload
    /// need be read.
    package var showDeadLetter:
        @Sendable (_ outbox: String, _ id: Int64) throws -> DeadLetterDetail?
    /// Returns how many are tried again.
    ///
    /// The limit of a selection that names none is `Int.max`.
    package var retryDeadLetters: Count
    /// Returns how many are gone.
    package var discardDeadLetters: Count
    package var isLive: @Sendable () -> Bool
    package var isReady: @Sendable () -> Bool

    package init(
        status: @escaping @Sendable () throws -> StatusReport,
        listDeadLetters: @escaping @Sendable (DeadLetterSelection) throws -> [DeadLetter],
        showDeadLetter: @escaping @Sendable (String, Int64) throws -> DeadLetterDetail?,
        retryDeadLetters: @escaping Count,
        discardDeadLetters: @escaping Count,
        isLive: @escaping @Sendable () -> Bool,
        isReady: @escaping @Sendable () -> Bool
    ) {
        self.status = status
        self.listDeadLetters = listDeadLetters
        self.showDeadLetter = showDeadLetter
        self.retryDeadLetters = retryDeadLetters
        self.discardDeadLetters = discardDeadLetters
        self.isLive = isLive
        self.isReady = isReady
    }
}
