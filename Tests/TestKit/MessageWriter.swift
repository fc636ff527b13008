package import Kafka
package import Postgres
import Threads

/// Writes the rows of a query to Kafka, as a foreign producer would: in the query's order, with what
/// repeats and disorder it has.
///
/// The query gives id (int8), topic, key, payload (bytea), headers (jsonb), message_id (text), type
/// and created_at; a NULL leaves the part out.
package final class MessageWriter {
    private let producer: KafkaProducer
    private let plan: KafkaPlan

    package init(_ cluster: KafkaCluster) throws(KafkaError) {
        producer = try KafkaProducer(KafkaConfiguration(cluster), gapless: true)
        plan = KafkaPlan(
            KafkaRecordLayout(
                id: 0,
                topic: 1,
                key: .init(2),
                payload: .init(3),
                headers: 4,
                fixedHeaders: [
                    .column(name: "message-id", .init(5)),
                    .column(name: "message-type", .init(6)),
                    .column(name: "created-at", .init(7, .timestamp)),
                ]
            )
        )
    }

    /// Writes all rows, and waits until Kafka has them.
    package func write(_ sql: String, through session: PostgresSession) throws {
        let rows = try session.query(sql)
        var done = 0
        while done < rows.count {
            let end = min(done + 10_000, rows.count)
            let deadline = MonotonicTime.now + patience
            // A topic just made is not known to every part of a broker at once.
            while try !write(done..<end, of: rows) {
                guard deadline > .now else { throw MessagesNotWritten() }
            }
            done = end
        }
    }

    /// False when Kafka has taken none of them.
    private func write(_ range: Range<Int>, of rows: borrowing PostgresRows) throws -> Bool {
        let batch = KafkaPublishBatch(capacity: range.count)
        let limits = KafkaProducer.Limits(lent: 1 << 30, largest: 1 << 30)
        let outcome = rows.withCells { cells in
            producer.publish(
                cells.table,
                rows: range,
                by: plan,
                into: batch,
                limits: limits,
                blocks: false
            )
        }
        if let stopped = outcome.stopped { throw stopped }
        let deadline = MonotonicTime.now + patience
        while batch.pendingCount > 0, deadline > .now {
            _ = producer.drain(timeout: .milliseconds(100))
        }
        producer.detach(batch)
        guard [0, range.count].contains(batch.ackedCount) else { throw MessagesNotWritten() }
        return batch.ackedCount == range.count
    }
}

/// Kafka did not take all messages of a test.
package struct MessagesNotWritten: Error {}
