import Kafka
import Threads

/// A consumer that reads a topic along and keeps the ledger of what arrived.
final class DeliveryWitness: Sendable {
    private let ledger: Monitor<DeliveryLedger>
    private let end = StopRequest()
    private let worker: Worker

    /// Reads the topic from its beginning; what cannot be read shows in `check`.
    init(reading topic: String, of cluster: KafkaCluster, into ledger: DeliveryLedger) {
        let monitor = Monitor(ledger)
        self.ledger = monitor
        worker = Worker(named: "witness") { [end] in
            let consumer = try KafkaConsumer(cluster)
            try consumer.assign(topic: topic)
            while !end.isAsked {
                let batch = consumer.next(max: 5_000, timeout: .milliseconds(50))
                try Self.note(batch, in: monitor)
            }
        }
    }

    deinit { stop() }

    func withLedger<Result>(_ body: (inout DeliveryLedger) throws -> Result) rethrows -> Result {
        try ledger.withLock(body)
    }

    /// Throws what stopped the reading.
    func check() throws { try worker.check() }

    /// Waits until all that was committed has arrived; false when nothing more came for a while.
    func waitUntilComplete(
        patience: Duration,
        unless isHopeless: () throws -> Bool
    ) throws -> Bool {
        var arrived = -1
        var deadline = MonotonicTime.now + patience
        while true {
            let isComplete = ledger.wait(timeout: .milliseconds(500)) { $0.isComplete ? true : nil }
            if isComplete == true { return true }
            try check()
            let now = withLedger { $0.arrivedCount }
            if now != arrived { deadline = .now + patience }
            arrived = now
            if try isHopeless() || deadline.remaining == .zero { return false }
        }
    }

    /// Reads on for a moment, for what should not come any more, and ends.
    func stop(after linger: Duration = .zero) {
        end.wait(linger)
        end.ask(.now)
        worker.join()
    }

    private static func note(
        _ batch: borrowing KafkaBatch,
        in ledger: Monitor<DeliveryLedger>
    ) throws {
        let now = MonotonicTime.now
        // An outage passes by itself; what the broker refuses does not.
        if let problem = batch.problems.first(where: { !$0.error.isUnreachable }) {
            throw StageError.unreadable(topic: problem.description)
        }
        guard !batch.isEmpty else { return }
        let ids = batch.numbers(inHeader: "seq")
        let keys = ids.indices.map { batch.withKey(at: $0, keyNumber) }
        ledger.withLock { ledger in
            for (id, key) in zip(ids, keys) { ledger.arrive(id, key: key, at: now) }
        }
    }
}

/// A number for a key (FNV-1a), so that no key needs a string of its own.
private func keyNumber(_ key: RawSpan?) -> UInt64? {
    guard let key else { return nil }
    return key.withUnsafeBytes { bytes in
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}
