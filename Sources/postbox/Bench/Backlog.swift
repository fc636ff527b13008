import Kafka
import Postgres
import Threads

/// A topic filled before it is measured how fast it is applied.
///
/// The messages are made by SQL, and published without any table.
final class Backlog {
    let topic = "bench.\(UInt32.random(in: 0 ... .max))"
    let messages: Int
    private let session: PostgresSession
    private let producer: KafkaProducer

    private static let chunk = 20_000

    /// A repeat stands this many new messages after the first, in another batch.
    ///
    /// $1: first and $2: last position, $3: topic, $4: keys, $5: bytes, $6: spread, $7: repeats.
    private static let make = PostgresStatement(
        name: "make_messages",
        sql: """
            SELECT place, $3::text, 'account-' || number % $4::bigint,
                convert_to(
                    rpad(
                        '{"number":' || number || ',"note":"',
                        ($5::bigint - $6 + number * 7919 % (2 * $6::bigint + 1))::int - 2,
                        'abcdefgh'
                    ) || '"}',
                    'UTF8'
                ),
                md5($3 || number)::uuid, 'account.changed', now()
            FROM generate_series($1::bigint, $2::bigint) AS place,
                LATERAL (
                    SELECT CASE
                        WHEN NOT $7::boolean THEN place
                        WHEN place % 2 = 0 THEN place / 2
                        ELSE greatest(place / 2 - 5000, 0)
                    END AS number
                ) AS numbered
            """,
        parameters: [.int8, .int8, .text, .int8, .int8, .int8, .bool]
    )

    private static let layout = KafkaRecordLayout(
        id: 0,
        topic: 1,
        key: .init(2),
        payload: .init(3),
        fixedHeaders: [
            .column(name: "message-id", .init(4, .uuid)),
            .column(name: "message-type", .init(5)),
            .column(name: "created-at", .init(6, .timestamp)),
        ]
    )

    /// Creates the topic and fills it.
    init(_ options: InboxBenchOptions, repeats: Bool, on stage: Stage, stop: StopRequest) throws {
        messages = options.messageCount
        session = try stage.database.session()
        producer = try KafkaProducer(
            KafkaConfiguration(stage.broker.readingCluster),
            gapless: true
        )
        try stage.broker.createTopic(topic, partitions: options.partitions)
        let plan = KafkaPlan(Self.layout)
        for first in stride(from: 0, to: messages, by: Self.chunk) {
            try stop.check()
            let last = min(first + Self.chunk, messages) - 1
            try publish(first...last, by: plan, bytes: options.bytes, repeats: repeats)
        }
    }

    private func publish(
        _ places: ClosedRange<Int>,
        by plan: KafkaPlan,
        bytes: Int,
        repeats: Bool
    ) throws {
        let rows = try session.query(
            Self.make,
            [
                .int8(Int64(places.lowerBound)), .int8(Int64(places.upperBound)), .text(topic),
                .int8(Int64(InboxBenchOptions.keys)), .int8(Int64(bytes)),
                .int8(Int64(InboxBenchOptions.spread)), .bool(repeats),
            ]
        )
        let batch = KafkaPublishBatch(capacity: rows.count)
        let limits = KafkaProducer.Limits(lent: .max, largest: .max)
        let outcome = rows.withCells { cells in
            producer.publish(
                cells.table,
                rows: 0..<places.count,
                by: plan,
                into: batch,
                limits: limits,
                blocks: false
            )
        }
        let deadline = MonotonicTime.now + .seconds(60)
        while batch.pendingCount > 0, deadline.remaining > .zero {
            _ = producer.drain(timeout: .milliseconds(100))
        }
        guard outcome.stopped == nil, batch.ackedCount == places.count else {
            throw BenchError.notFilled(topic)
        }
        producer.detach(batch)
    }
}
