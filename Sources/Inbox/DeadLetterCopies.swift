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
    /// Those up to this id that have no copy were refused lately; others come first.
    private var passedOver: Int64 = 0
    private var nextRound = MonotonicTime.now

    /// Nil where no topic is configured.
    init?(_ runtime: InboxRuntime) throws {
        guard runtime.definition.deadLetterTopic != nil else { return nil }
        self.runtime = runtime
        let schema = try quotedIdentifier(runtime.schema)
        statement = PostgresStatement(
            name: "take_copies",
            sql: sqlText("take_copies").replacing("{{schema}}", with: schema),
            parameters: [.text, .text, .int8, .int8]
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

    /// Copies those that were not copied before; gives why one could not be.
    ///
    /// Order: they stay locked meanwhile, so that no other instance copies them too.
    func copy(through session: PostgresSession) throws -> KafkaError? {
        guard nextRound <= .now else { return nil }
        var outcome = Outcome()
        try session.transaction { transaction in
            let rows = try transaction.query(
                statement,
                [
                    .text(runtime.definition.name),
                    .text(runtime.definition.deadLetterTopic ?? ""), .int8(Int64(Self.limit)),
                    .int8(passedOver),
                ]
            )
            outcome = rows.count > 0 ? publish(rows) : outcome
            guard !outcome.copied.isEmpty else { return }
            _ = try transaction.query(note, [.int8Array(outcome.copied)])
        }
        goOn(after: outcome)
        return outcome.failure
    }

    /// What became of some dead letters.
    private struct Outcome {
        var copied: [Int64] = []
        var last: Int64?
        var failure: KafkaError?
    }

    /// Those that were refused are tried again when there are no others, once a minute.
    private func goOn(after outcome: Outcome) {
        if outcome.failure != nil, let last = outcome.last {
            passedOver = last
        } else if outcome.last == nil, passedOver > 0 {
            passedOver = 0
            nextRound = .now + .seconds(60)
        }
    }

    private func publish(_ rows: borrowing PostgresRows) -> Outcome {
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
        return outcome(of: batch)
    }

    private func outcome(of batch: KafkaPublishBatch) -> Outcome {
        var outcome = Outcome(last: batch.count > 0 ? batch.id(batch.count - 1) : nil)
        for row in 0..<batch.count {
            if batch.state(row) == .acked {
                outcome.copied.append(batch.id(row))
            } else {
                outcome.failure = outcome.failure ?? batch.error(row)
            }
        }
        return outcome
    }
}
