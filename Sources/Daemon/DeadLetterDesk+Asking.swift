import Control
import Messaging
import Postgres

extension DeadLetterDesk {
    /// Asks the desk; a database that cannot be reached is told as such.
    func asked<Answer>(_ question: (Self) throws -> Answer) throws -> Answer {
        do {
            return try question(self)
        } catch let error as PostgresError where error.isConnectionLoss {
            throw ControlError.unavailable("\(mailbox): \(error)")
        }
    }
}
