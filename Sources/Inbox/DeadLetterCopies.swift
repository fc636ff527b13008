import Kafka
import Messaging
import Postgres
import Threads

/// Copies dead letters to a topic, where other tools may look for them.
///
/// Crash: a copy whose acknowledgement was not noted is made again.
final class DeadLetterCopies {
    private let runtime: InboxRuntime
    private let statement: PostgresStatement
    private let note: PostgresStatement
    private let producer: KafkaProducer
    private let plan: KafkaPlan

    private static let limit = 100

    /// Nil where no topic is configured.
    init?(_ runtime: InboxRuntime) throws {
        guard runtime.definition.deadLetterTopic != nil else { return nil }
        self.runtime = runtime
        let schema = try quotedIdentifier(runtime.schema)
        statement = PostgresStatement(
            name: "take_copies",
            sql: sqlText("take_copies").replacing("{{schema}}", with: schema),
            parameters: [.text, .text, .int8]
        )
        note = PostgresStatement(
            name: "note_copies",
            sql: sqlText("note_copies").replacing("{{schema}}", with: schema),
            parameters: [.int8Array]
        )
        producer = try KafkaProducer(
            KafkaConfiguration(runtime.kafka, log: runtime.kafkaLog),
            gapless: false
        )
        plan = KafkaPlan(Self.layout)
    }

    /// The columns of `take_copies.sql`.
    private static let layout = KafkaRecordLayout(
        id: 0,
        topic: 1,
        key: .init(2),
        payload: .init(3),
        headers: 4,
        fixedHeaders: [.column(name: "dead-letter-reason", .init(5))]
    )

    /// Copies those that were not copied before.
    ///
    /// Order: they stay locked meanwhile, so that no other instance copies them too.
    func copy(through session: PostgresSession) throws {
        try session.transaction { transaction in
            let rows = try transaction.query(
                statement,
                [
                    .text(runtime.definition.name),
                    .text(runtime.definition.deadLetterTopic ?? ""), .int8(Int64(Self.limit)),
                ]
            )
            guard rows.count > 0 else { return }
            let copied = publish(rows)
            guard !copied.isEmpty else { return }
            _ = try transaction.query(note, [.int8Array(copied)])
        }
    }

    /// The ids of those that Kafka has.
    private func publish(_ rows: borrowing PostgresRows) -> [Int64] {
        let batch = KafkaPublishBatch(capacity: rows.count)
        let limits = KafkaProducer.Limits(lent: .max, largest: .max)
        _ = rows.withCells { cells in
            producer.publish(
                cells.table,
                rows: 0..<rows.count,
                by: plan,
                into: batch,
                limits: limits,
                blocks: false
            )
        }
        let deadline = MonotonicTime.now + .seconds(2)
        while batch.pendingCount > 0, deadline > .now {
            _ = producer.drain(timeout: .milliseconds(100))
        }
        if batch.pendingCount > 0 { producer.purge(inFlight: true) }
        while batch.pendingCount > 0 { _ = producer.drain(timeout: .milliseconds(100)) }
        producer.detach(batch)
        return (0..<batch.count).filter { batch.state($0) == .acked }.map { batch.id($0) }
    }
}
