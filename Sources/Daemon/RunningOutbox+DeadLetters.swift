import Control
import Outbox
import Postgres

extension RunningOutbox {
    /// Asks the desk; a database that cannot be reached is told as such.
    func asked<Answer>(_ question: (DeadLetterDesk) throws -> Answer) throws -> Answer {
        do {
            return try question(desk)
        } catch let error as PostgresError where error.isConnectionLoss {
            throw ControlError.unavailable("outbox \(name): \(error)")
        }
    }
}
