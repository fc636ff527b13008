package import Kafka
import Threads

/// Reads a topic from its beginning on a thread of its own, into a history.
///
/// It reads along while the test runs: the built-in broker forgets old records.
package final class TopicReader: Sendable {
    private struct Progress: Sendable {
        var checker = HistoryChecker()
        var problems: [String] = []
        var isWanted = true
        var hasBegun: Bool
        var hasEnded = false
    }

    private let progress: Monitor<Progress>

    /// With `begins` false it reads nothing before `begin()`: a consumer that loses its broker while
    /// it looks for the start of an empty topic may take long to find it again.
    package init(topic: String, cluster: KafkaCluster, begins: Bool = true) {
        progress = Monitor(Progress(hasBegun: begins))
        startThread(named: "topic-reader") { [progress] in
            _ = progress.wait(timeout: .seconds(300)) { $0.hasBegun || !$0.isWanted ? true : nil }
            do {
                let consumer = try KafkaConsumer(cluster)
                try Self.assign(topic, to: consumer)
                Self.follow(consumer, progress)
            } catch {
                progress.withLock { $0.problems.append("\(error)") }
            }
            progress.withLock { $0.hasEnded = true }
        }
    }

    deinit { progress.withLock { $0.isWanted = false } }

    package func begin() { progress.withLock { $0.hasBegun = true } }

    /// How many different messages have arrived.
    package var distinctCount: Int { progress.withLock { $0.checker.distinctCount } }

    /// What could not be read; outages of the broker are among it.
    package var problems: [String] { progress.withLock { $0.problems } }

    /// Notes what was committed, before or after it arrives.
    package func noteCommitted(_ rows: [(id: Int64, key: String?)]) {
        progress.withLock { progress in
            for row in rows { progress.checker.noteCommitted(id: row.id, key: row.key) }
        }
    }

    package func noteDeadLettered(_ ids: [Int64]) {
        progress.withLock { progress in
            for id in ids { progress.checker.noteDeadLettered(id: id) }
        }
    }

    /// Blocks until so many different messages have arrived; false when time is over.
    package func wait(forDistinct count: Int, timeout: Duration = .seconds(60)) -> Bool {
        let reached = progress.wait(timeout: timeout) { progress -> Bool? in
            if progress.checker.distinctCount >= count { return true }
            return progress.hasEnded ? false : nil
        }
        return reached ?? false
    }

    /// Waits until as many different messages have arrived as were committed.
    package func hasAll() async -> Bool {
        await has(distinct: progress.withLock { $0.checker.committedCount })
    }

    /// What the history proves so far.
    package func verdict() -> Verdict { progress.withLock { $0.checker.verdict() } }

    /// Stops reading, and gives the last word.
    package func finish() -> Verdict {
        progress.withLock { $0.isWanted = false }
        _ = progress.wait(timeout: patience) { $0.hasEnded ? true : nil }
        return verdict()
    }

    /// A topic just made is not known to every part of a broker at once.
    private static func assign(_ topic: String, to consumer: KafkaConsumer) throws {
        let deadline = MonotonicTime.now + patience
        while true {
            do {
                return try consumer.assign(topic: topic)
            } catch  where deadline > .now {
                continue
            }
        }
    }

    private static func follow(_ consumer: KafkaConsumer, _ progress: Monitor<Progress>) {
        while progress.withLock({ $0.isWanted }) {
            let batch = consumer.next(max: 10_000, timeout: .milliseconds(100))
            guard !batch.isEmpty || !batch.problems.isEmpty else { continue }
            let places = batch.columns()
            let ids = batch.numbers(inHeader: "seq")
            let keys = (0..<batch.count).map { index in
                batch.withKey(at: index, text)
            }
            let problems = batch.problems.map(\.description)
            progress.withLock { progress in
                progress.problems += problems
                for index in ids.indices {
                    guard let id = ids[index] else {
                        progress.problems.append("a record without a header seq")
                        continue
                    }
                    progress.checker.notePublished(
                        partition: places.partitions[index],
                        offset: places.offsets[index],
                        key: keys[index],
                        id: id
                    )
                }
            }
        }
    }

    private static func text(_ bytes: RawSpan?) -> String? {
        guard let bytes else { return nil }
        // Safety: the bytes are copied before the lender takes them back.
        return bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}
