import Threads

/// Looks at single records, beside whoever reads their partitions.
package enum KafkaPeek {
    /// What Kafka has at a place.
    package enum Finding: Sendable, Equatable {
        /// A record, and its time in milliseconds since 1970 where it has one.
        case record(time: Int64?)
        /// No record, though the partition goes on behind it.
        ///
        /// Retention or compaction has removed it, or it never was one for readers: it was rolled
        /// back, or ends a transaction.
        case gone
        /// The partition ends before it.
        case ahead
        /// Kafka did not say in time, and perhaps why.
        case unknown(KafkaError?)
    }

    /// What Kafka has at these places; every one of them has a finding.
    ///
    /// Gives up when Kafka tells nothing new for `limit`. Opens a client of its own for the call, which
    /// bears the name of `group` and does not join it, and blocks. Throws when no client can be made.
    package static func findings(
        at offsets: [KafkaPartition: Int64],
        in cluster: KafkaCluster,
        as group: String? = nil,
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> [KafkaPartition: Finding] {
        guard !offsets.isEmpty else { return [:] }
        let consumer = try KafkaConsumer(peekingInto: cluster, as: group)
        var search = Search(open: offsets)
        try search.begin(consumer)
        var deadline = MonotonicTime.now + limit
        var pause = Self.shortestPause
        while !search.open.isEmpty, .now < deadline {
            let before = search.open.count
            search.heed(consumer.next(timeout: min(deadline.remaining, pause)))
            if search.open.count < before {
                try search.begin(consumer)
                deadline = .now + limit
                pause = Self.shortestPause
            } else {
                consumer.wakeBrokers(of: search.open.keys)
                pause = min(pause * 2, .milliseconds(500))
            }
        }
        return search.findings.merging(search.open.mapValues { _ in .unknown(nil) }) { found, _ in
            found
        }
    }

    private static let shortestPause = Duration.milliseconds(5)

    /// The places that are still open, and what was found at the others.
    private struct Search {
        var open: [KafkaPartition: Int64]
        var findings: [KafkaPartition: Finding] = [:]

        /// Reads what is open, and no others: of those there is always more, and a broker that gives
        /// it gives nothing of the rest.
        func begin(_ consumer: KafkaConsumer) throws(KafkaError) {
            guard !open.isEmpty else { return }
            try consumer.assign(open.mapValues { .offset($0) })
        }

        // Order: the records first. A partition's last one may come together with its end.
        mutating func heed(_ batch: borrowing KafkaBatch) {
            for row in 0..<batch.count {
                let time = batch.timestamp(at: row)
                note(batch.partition(at: row), .record(time: time), at: batch.offset(at: row))
            }
            for problem in batch.problems { heed(problem) }
        }

        /// Only the end of a partition is an answer: other problems pass, or time does.
        private mutating func heed(_ problem: KafkaBatch.Problem) {
            guard let partition = problem.partition, open[partition] != nil else { return }
            guard problem.error.isEndOfPartition else {
                return findings[partition] = .unknown(problem.error)
            }
            note(partition, .ahead, at: problem.offset)
        }

        /// Whatever comes first is the answer.
        ///
        /// Behind it the record will not be found, and before it only where reading had to begin
        /// anew because there is no such place yet.
        private mutating func note(
            _ partition: KafkaPartition,
            _ finding: Finding,
            at offset: Int64
        ) {
            guard let wanted = open.removeValue(forKey: partition) else { return }
            findings[partition] = offset == wanted ? finding : offset > wanted ? .gone : .ahead
        }
    }
}
