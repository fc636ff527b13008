import Kafka
import Messaging

/// What becomes of the rows of finished batches.
struct SettlementPlan {
    /// A row on its way out of the table because it was refused, or waits behind one that was.
    struct Parking {
        var id: Int64
        var state: DeadLetter.State
        var reason: String?
        var attempts: Int
        var wait: Duration
    }

    /// Acknowledged rows, with where they are in Kafka.
    private(set) var acked: [Int64] = []
    private(set) var partitions: [Int32] = []
    private(set) var offsets: [Int64] = []
    private(set) var refused: [Parking] = []
    private(set) var held: [Parking] = []

    /// Rows that stay in the table, to be read again.
    private(set) var left: [Int64] = []

    /// `isArchived`: whether it matters where the rows are.
    mutating func add(
        _ batch: KafkaPublishBatch,
        retry: RetryPolicy,
        isArchived: Bool,
        using generator: inout some RandomNumberGenerator
    ) {
        guard batch.ackedCount < batch.count || isArchived else {
            acked += batch.ids(.acked)
            return
        }
        for row in 0..<batch.count {
            add(row, of: batch, retry: retry, using: &generator)
        }
    }

    private mutating func add(
        _ row: Int,
        of batch: KafkaPublishBatch,
        retry: RetryPolicy,
        using generator: inout some RandomNumberGenerator
    ) {
        let id = batch.id(row)
        switch batch.state(row) {
        case .acked:
            acked.append(id)
            partitions.append(batch.partition(row))
            offsets.append(batch.offset(row))
        case .held: held.append(Parking(id: id, state: .held, attempts: 0, wait: .zero))
        case .refused:
            refused.append(
                Self.parking(
                    id,
                    because: batch.error(row),
                    attempts: 1,
                    retry: retry,
                    using: &generator
                )
            )
        case .failed, .unsent, .sent: left.append(id)
        case .delayed: break
        }
    }

    /// What becomes of a message refused for the `attempts`th time.
    static func parking(
        _ id: Int64,
        because error: KafkaError,
        attempts: Int,
        retry: RetryPolicy,
        using generator: inout some RandomNumberGenerator
    ) -> Parking {
        let refusal = error.isPermanentRejection ? Refusal.permanent : .mayPass
        let fate = FailureFate(of: refusal, attempts: attempts, policy: retry, using: &generator)
        switch fate {
        case .deadLetter:
            return Parking(
                id: id,
                state: .dead,
                reason: error.description,
                attempts: attempts,
                wait: .zero
            )
        case .retry(let wait):
            return Parking(
                id: id,
                state: .retrying,
                reason: error.description,
                attempts: attempts,
                wait: wait
            )
        }
    }
}
