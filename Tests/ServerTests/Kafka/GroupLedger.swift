import Kafka
import TestKit
import Threads

/// What a group's members have applied, kept as a database would: one position for each partition,
/// moved only by the owner of its latest generation.
final class GroupLedger: Sendable {
    struct State: Sendable {
        var next: [KafkaPartition: Int64] = [:]
        var generations: [KafkaPartition: Int] = [:]
        var owners: [KafkaPartition: String] = [:]
        /// Records of somebody who has lost the partition meanwhile.
        var fenced = 0
        var violations: [String] = []

        var appliedCount: Int64 { next.values.reduce(0, +) }
    }

    let state = Monitor(State())

    /// Makes `member` the owner, and says from where it must read.
    func assign(
        _ partitions: [KafkaPartition],
        to member: String
    ) -> [KafkaPartition: (next: Int64, generation: Int)] {
        state.withLock { state in
            var given: [KafkaPartition: (next: Int64, generation: Int)] = [:]
            for partition in partitions {
                state.generations[partition, default: 0] += 1
                state.owners[partition] = member
                let generation = state.generations[partition] ?? 0
                given[partition] = (state.next[partition] ?? 0, generation)
            }
            return given
        }
    }

    /// Whether somebody else has taken one of these since.
    func hasTaken(_ generations: [KafkaPartition: Int]) -> Bool {
        state.withLock { state in generations.contains { state.generations[$0.key] != $0.value } }
    }

    func revoke(_ partitions: [KafkaPartition], from member: String) {
        state.withLock { state in
            for partition in partitions where state.owners[partition] == member {
                state.owners[partition] = nil
            }
        }
    }

    func apply(_ partition: KafkaPartition, offset: Int64, generation: Int?, by member: String) {
        state.withLock { state in
            guard let generation else {
                return state.violations.append("\(member) got \(partition) \(offset) unasked")
            }
            guard generation == state.generations[partition] else { return state.fenced += 1 }
            let next = state.next[partition] ?? 0
            if offset != next {
                state.violations.append("\(member): \(partition) \(offset) in place of \(next)")
            }
            state.next[partition] = offset + 1
        }
    }

    /// Waits until so many records have been applied by all.
    func hasApplied(_ count: Int64, within timeout: Duration = patience) -> Bool {
        state.wait(timeout: timeout) { $0.appliedCount >= count ? true : nil } ?? false
    }

    /// Waits until exactly these members own so many partitions together, each at least one.
    func isShared(
        by members: Set<String>,
        partitions count: Int,
        within timeout: Duration = patience
    ) -> Bool {
        let shared = state.wait(timeout: timeout) { state -> Bool? in
            state.owners.count == count && Set(state.owners.values) == members ? true : nil
        }
        return shared ?? false
    }

    var violations: [String] { state.withLock { $0.violations } }
}
