import Kafka
import Threads

/// Where the lanes stand, and whose the partitions are.
extension InboxLink {
    func assign(_ positions: [KafkaPartition: PositionLedger]) {
        state.withLock { state in
            state.assigned.merge(positions) { $1 }
            state.assignments += 1
        }
    }

    func revoke(_ partitions: [KafkaPartition]) {
        state.withLock { state in
            for partition in partitions {
                state.assigned[partition] = nil
                state.isFenced = false
                for lane in 0..<lanes { state.passed[lane][partition] = nil }
            }
        }
    }

    var assigned: [KafkaPartition: PositionLedger] { state.withLock { $0.assigned } }

    /// Where a lane stands in the partitions of a batch that are still ours under its generations.
    func standing(_ lane: Int, _ moves: [PositionMove]) -> [KafkaPartition: Int64] {
        state.withLock { state in
            var standing: [KafkaPartition: Int64] = [:]
            for move in moves {
                guard let ledger = state.assigned[move.partition],
                    ledger.generation == move.generation
                else { continue }
                standing[move.partition] = ledger.current.next[lane]
            }
            return standing
        }
    }

    /// The database has committed a lane's batch.
    func advance(_ lane: Int, _ moves: [PositionMove]) {
        state.withLock { state in
            for move in moves where state.assigned[move.partition]?.generation == move.generation {
                state.assigned[move.partition]?.current.next[lane] = move.next
            }
        }
    }

    /// By the word of the database, after a loss.
    func stand(_ lane: Int, _ partition: KafkaPartition, at next: Int64) {
        state.withLock { $0.assigned[partition]?.current.next[lane] = next }
    }

    /// By a lane: another reader has a position of these.
    ///
    /// Not if some of them have gone meanwhile: then it is known why.
    func noteFence(_ moves: [PositionMove]) {
        guard !moves.isEmpty else { return }
        state.withLock { state in
            let areOurs = moves.allSatisfy {
                state.assigned[$0.partition]?.generation == $0.generation
            }
            if areOurs { state.isFenced = true }
        }
    }

    var isFenced: Bool { state.withLock { $0.isFenced } }

    /// How often partitions were assigned.
    var assignments: Int { state.withLock { $0.assignments } }

    /// Something happened that only a new start mends.
    func fail(_ error: InboxError) { state.withLock { $0.failure = $0.failure ?? error } }

    var failure: InboxError? { state.withLock { $0.failure } }
}
