import Kafka
import Messaging
import Outbox
import Postgres
import TestKit
import Testing

/// What a row becomes in Kafka, byte for byte.
@Suite(.timeLimit(.minutes(3)), .mayBlock)
struct OutboxRecordTests {
    @Test(arguments: ["jsonb", "json", "text", "bytea"])
    func `a table of one's own is published by its own names`(payload: String) async throws {
        try await withTestDatabase { database in
            try await database.run(
                """
                CREATE SCHEMA app;
                CREATE TABLE app."Event" (
                    "No" int PRIMARY KEY, uid text, dest varchar(40), subject int, kind text,
                    "Body" \(payload), extra json, at timestamp)
                """
            )
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            let definition = OutboxDefinition(
                name: "shop",
                database: "db",
                kafka: "kafka",
                table: QualifiedName(schema: "app", name: "Event"),
                columns: OutboxColumns(
                    id: "No",
                    messageID: "uid",
                    topic: "dest",
                    key: "subject",
                    type: "kind",
                    payload: "Body",
                    headers: "extra",
                    availableAt: nil,
                    createdAt: "at"
                )
            )
            try await database.run(OutboxMigration.script(for: [definition]))
            let problems = try await database.connection.withSession { session in
                try OutboxCheck.problems(of: definition, in: session)
            }
            #expect(problems.isEmpty, "\(problems)")
            let large = "{\"a\": \"\(String(repeating: "ä", count: 50_000))\"}"
            let cast = payload == "bytea" ? "convert_to(v, 'UTF8')" : "v::\(payload)"
            try await fixture.running(definition) {
                try await database.run(
                    """
                    INSERT INTO app."Event"
                    SELECT i, 'm' || i, '\(fixture.topic)', 7, 'made', \(cast), '{"x": "y"}',
                        '2026-01-31 08:00:00.25'
                    FROM unnest(ARRAY['{"a": 1}', '\(large)', NULL]) WITH ORDINALITY AS e (v, i)
                    """
                )
                let records = try await fixture.records(3)
                #expect(records.map { $0.value.map(text) } == ["{\"a\": 1}", large, nil])
                #expect(records.allSatisfy { $0.key.map(text) == "7" && $0.header("x") == "y" })
                #expect(records.map { $0.header("message-id") } == ["m1", "m2", "m3"])
                #expect(records.map { $0.header("seq") } == ["1", "2", "3"])
                #expect(records.first?.header("message-type") == "made")
                #expect(records.first?.header("created-at") == "2026-01-31T08:00:00.250000Z")
                try await fixture.expectSoon {
                    try await database.number("SELECT count(*) FROM app.\"Event\"") == 0
                }
            }
        }
    }

    @Test func `a table made for Debezium is published as Debezium did`() async throws {
        try await withTestDatabase { database in
            try await database.run(
                """
                CREATE TABLE outboxevent (
                    id uuid PRIMARY KEY, aggregatetype varchar(255) NOT NULL,
                    aggregateid varchar(255) NOT NULL, type varchar(255) NOT NULL, payload jsonb)
                """
            )
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            let (prefix, suffix) = (fixture.topic.prefix(7), fixture.topic.dropFirst(7))
            let definition = OutboxDefinition(
                name: "orders",
                database: "db",
                kafka: "kafka",
                table: QualifiedName(schema: "public", name: "outboxevent"),
                columns: .debezium,
                topic: TopicTemplate("\(prefix)${aggregatetype}"),
                writesDebeziumID: true
            )
            let id = "0189d5a8-0000-7000-8000-00000000000"
            let insertion = """
                INSERT INTO outboxevent (id, aggregatetype, aggregateid, type, payload)
                SELECT ('\(id)' || i)::uuid, '\(suffix)', 'order-' || i % 2, 'OrderCreated',
                    jsonb_build_object('n', i) FROM generate_series
                """
            // One was there before.
            try await database.run("\(insertion)(1, 1) AS i")
            try await database.run(OutboxMigration.script(for: [definition]))
            let problems = try await database.connection.withSession { session in
                try OutboxCheck.problems(of: definition, in: session)
            }
            #expect(problems.isEmpty, "\(problems)")
            try await fixture.running(definition) {
                try await database.run("\(insertion)(2, 5) AS i")
                let records = try await fixture.records(5).sorted {
                    ($0.header("seq") ?? "") < ($1.header("seq") ?? "")
                }
                #expect(records.map { $0.header("id") } == (1...5).map { "\(id)\($0)" })
                #expect(records.map { $0.header("message-id") } == records.map { $0.header("id") })
                #expect(records.map { $0.value.map(text) } == (1...5).map { "{\"n\": \($0)}" })
                #expect(records.map { $0.key.map(text) } == (1...5).map { "order-\($0 % 2)" })
                try await fixture.expectSoon {
                    try await database.number("SELECT count(*) FROM outboxevent") == 0
                }
            }
        }
    }

    private static let headers: [RecordFormat: [String]] = [
        .plain: ["message-id", "message-type", "source", "seq", "created-at"],
        .cloudevents: ["ce_id", "ce_type", "ce_source", "seq", "ce_time", "ce_specversion"],
    ]

    @Test(arguments: RecordFormat.allCases)
    func `a record says what its row is`(format: RecordFormat) async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.format = format
                $0.source = "/shop/web"
            }
            try await database.run(
                """
                INSERT INTO postbox.outbox (topic, key, type, payload, headers)
                VALUES ('\(fixture.topic)', 'k', 'product.priced', 'x', '{"own": "1"}')
                """
            )
            let facts = try await database.texts(
                """
                SELECT unnest(ARRAY[message_id::text, type, '/shop/web', id::text,
                    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '1.0'])
                FROM postbox.outbox
                """
            )
            try await fixture.running {
                let record = try #require(try await fixture.records(1).first)
                let names = try #require(Self.headers[format])
                #expect(names.map { record.header($0) } == Array(facts.prefix(names.count)))
                #expect(record.headers.map(\.name).sorted() == (names + ["own"]).sorted())
            }
        }
    }

    /// The keys and hashes of Kafka's own test of its Java client.
    @Test func `a key is in the partition where a Java client looks for it`() async throws {
        let hashes: [String: Int32] = [
            "21": -973_932_308, "foobar": -790_332_482,
            "a-little-bit-long-string": -985_981_536, "a-little-bit-longer-string": -1_486_304_829,
            "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58_897_971, "abc": 479_470_107,
        ]
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(
                database,
                BrokerKind.builtIn.broker(),
                partitions: 13
            )
            let rows = hashes.keys.map { "('\(fixture.topic)', '\($0)')" }.joined(separator: ", ")
            try await database.run("INSERT INTO postbox.outbox (topic, key) VALUES \(rows)")
            try await fixture.running {
                for record in try await fixture.records(hashes.count) {
                    let key = record.key.map(text) ?? ""
                    let expected = hashes[key].map { ($0 & .max) % 13 }
                    #expect(record.partition.partition == expected, "\(key)")
                }
            }
        }
    }

    @Test func `a notification wakes a reader that would have slept on`() async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.poll = PollRule(max: .seconds(3600), notify: true)
            }
            try await fixture.running {
                try await fixture.insert(1)
                #expect(await fixture.reader.has(distinct: 1))
                // Each pause is longer than the one before: this one has some seconds left.
                try await fixture.expectSoon {
                    try await database.number(
                        """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE application_name = 'postbox' AND datname = current_database()
                            AND query LIKE '%o."id" > $1%'
                            AND clock_timestamp() - query_start > interval '9 seconds'
                        """
                    ) > 0
                }
                try await fixture.insert(1)
                #expect(await fixture.reader.has(distinct: 2, within: .seconds(6)))
            }
        }
    }
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

extension OutboxFixture {
    /// The first records of the topic.
    fileprivate func records(_ count: Int) async throws -> [KafkaRecord] {
        let (topic, cluster) = (topic, broker.cluster)
        return try await blocking {
            Result {
                let consumer = try KafkaConsumer(cluster)
                try consumer.assign(topic: topic)
                return consumer.records(count)
            }
        }.get()
    }

    /// Runs another outbox of the same database and broker around a body.
    fileprivate func running(
        _ definition: OutboxDefinition,
        _ body: () async throws -> Void
    ) async throws {
        let engine = try Self.engine(definition, database, broker, instance: "test")
        async let life: Void = engine.run()
        do {
            try await body()
        } catch {
            Issue.record(error)
        }
        engine.stop(grace: .seconds(20))
        await life
    }
}
