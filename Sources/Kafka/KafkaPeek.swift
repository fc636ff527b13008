import Threads

/// Looks at single records, beside whoever reads their partitions.
package enum KafkaPeek {
    /// What Kafka has as the times of these records, in milliseconds since 1970.
    ///
    /// A record that is gone, has no time, or was not read within `limit` is left out. Opens a
    /// client of its own for the call, which bears the name of `group` and does not join it, and
    /// blocks.
    package static func timestamps(
        at offsets: [KafkaPartition: Int64],
        in cluster: KafkaCluster,
        as group: String? = nil,
        within limit: Duration = .seconds(5)
    ) throws(KafkaError) -> [KafkaPartition: Int64] {
        guard !offsets.isEmpty else { return [:] }
        let consumer = try KafkaConsumer(peekingInto: cluster, as: group)
        try consumer.assign(offsets.mapValues { .offset($0) })
        let deadline = MonotonicTime.now + limit
        var open = offsets
        var times: [KafkaPartition: Int64] = [:]
        while !open.isEmpty, .now < deadline {
            let batch = consumer.next(timeout: min(deadline.remaining, .milliseconds(100)))
            for row in 0..<batch.count {
                let partition = batch.partition(at: row)
                // Whatever comes first is the answer: behind it the record will not be found.
                guard let offset = open.removeValue(forKey: partition) else { continue }
                if batch.offset(at: row) == offset { times[partition] = batch.timestamp(at: row) }
            }
            // Order: after the records. A partition's last one may come together with its end.
            for partition in batch.problems.compactMap(\.partition) { open[partition] = nil }
        }
        return times
    }
}
