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
        @Sendable (_ mailbox: Mailbox, _ id: Int64) throws -> DeadLetterDetail?
    /// Returns how many are tried again.
    ///
    /// The limit of a selection that names none is `Int.max`.
    package var retryDeadLetters: Count
    /// Returns how many are gone.
    package var discardDeadLetters: Count
    /// Shows what a seek means, and does it if the order says so.
    package var seek: @Sendable (SeekOrder) throws -> SeekPlan
    package var isLive: @Sendable () -> Bool
    package var isReady: @Sendable () -> Bool

    package init(
        status: @escaping @Sendable () throws -> StatusReport,
        listDeadLetters: @escaping @Sendable (DeadLetterSelection) throws -> [DeadLetter],
        showDeadLetter: @escaping @Sendable (Mailbox, Int64) throws -> DeadLetterDetail?,
        retryDeadLetters: @escaping Count,
        discardDeadLetters: @escaping Count,
        seek: @escaping @Sendable (SeekOrder) throws -> SeekPlan,
        isLive: @escaping @Sendable () -> Bool,
        isReady: @escaping @Sendable () -> Bool
    ) {
        self.status = status
        self.listDeadLetters = listDeadLetters
        self.showDeadLetter = showDeadLetter
        self.retryDeadLetters = retryDeadLetters
        self.discardDeadLetters = discardDeadLetters
        self.seek = seek
        self.isLive = isLive
        self.isReady = isReady
    }
}
