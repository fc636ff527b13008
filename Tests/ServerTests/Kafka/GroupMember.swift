import Kafka
import TestKit
import Threads

/// A member of a group on a thread of its own, which applies what it reads to a ledger.
final class GroupMember: Sendable {
    private enum Wish: Sendable {
        case stay
        case leave
        case crash
    }

    private struct Progress: Sendable {
        var wish = Wish.stay
        var hasEnded = false
        var problems: [String] = []
    }

    let name: String
    private let progress = Monitor(Progress())

    init(
        _ name: String,
        cluster: KafkaCluster,
        topics: [String],
        group: String,
        ledger: GroupLedger
    ) {
        self.name = name
        startThread(named: name) { [progress] in
            do {
                while progress.withLock({ $0.wish == .stay }) {
                    let consumer = try KafkaGroupConsumer(cluster, group: group, memory: 4 << 20)
                    try Self.read(topics, consumer, ledger, name, progress)
                }
            } catch {
                progress.withLock { $0.problems.append("\(name): \(error)") }
            }
            progress.withLock { $0.hasEnded = true }
        }
    }

    /// Closes its consumer, and waits for that.
    func leave() { end(.leave) }

    /// Goes away without a word.
    func crash() { end(.crash) }

    /// What it was told instead of records.
    var problems: [String] { progress.withLock { $0.problems } }

    private func end(_ wish: Wish) {
        progress.withLock { $0.wish = wish }
        _ = progress.wait(timeout: patience) { $0.hasEnded ? true : nil }
    }

    /// Reads until it is to end, or finds that it has lost what it believes to be its own.
    private static func read(
        _ topics: [String],
        _ consumer: KafkaGroupConsumer,
        _ ledger: GroupLedger,
        _ name: String,
        _ progress: Monitor<Progress>
    ) throws {
        var generations: [KafkaPartition: Int] = [:]
        try consumer.subscribe(
            topics,
            onAssigned: { partitions in
                let given = ledger.assign(partitions, to: name)
                generations.merge(given.mapValues(\.generation)) { _, new in new }
                return given.mapValues { .offset($0.next) }
            },
            onRevoked: { partitions, _ in
                for partition in partitions { generations[partition] = nil }
                ledger.revoke(partitions, from: name)
            }
        )
        while progress.withLock({ $0.wish == .stay }) {
            if !consumer.isBeingDivided, ledger.hasTaken(generations) { break }
            let batch = try consumer.next(max: 100, timeout: .milliseconds(50))
            // A connection that was lost mends itself.
            for problem in batch.problems where !problem.error.isUnreachable {
                progress.withLock { $0.problems.append("\(name): \(problem)") }
            }
            for row in 0..<batch.count {
                let partition = batch.partition(at: row)
                ledger.apply(
                    partition,
                    offset: batch.offset(at: row),
                    generation: generations[partition],
                    by: name
                )
            }
            // What is applied is committed, as for lag tools.
            consumer.commitLater(ledger.state.withLock { $0.next })
        }
        if progress.withLock({ $0.wish != .crash }), !consumer.close(within: patience) {
            progress.withLock { $0.problems.append("\(name) did not leave in time") }
        }
    }
}
