import Kafka
import Messaging
import Outbox
import Postgres
import Synchronization
import Telemetry
import TestKit
import Testing

/// Rows that name topics which are not there, however many.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct OutboxTopicsTests {
    @Test func `the messages of other keys go on`() async throws {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            guard case .builtIn(let mock) = broker else { return }
            let fixture = try await OutboxFixture(database, broker) {
                $0.retry = RetryPolicy(maxAttempts: 1)
            }
            for number in 1...300 { mock.setTopicError("bad-\(number)", 29) }
            try mock.setRoundTrip(.milliseconds(20))
            try await database.run(
                """
                INSERT INTO postbox.outbox (topic, key, payload)
                SELECT 'bad-' || n, 'bad-' || n, 'x' FROM generate_series(1, 300) AS n
                """
            )
            try await fixture.insert(500)
            let told = Mutex(0)
            let engine = try OutboxFixture.engine(
                fixture.definition,
                database,
                broker,
                instance: "test",
                log: Log(level: .warning) { line in
                    if line.contains("MANY_TOPICS") { told.withLock { $0 += 1 } }
                }
            )
            try await OutboxFixture.running(engine) {
                #expect(await fixture.reader.has(distinct: 500))
                try await fixture.expectSoon {
                    try await database.number("SELECT count(*) FROM postbox.dead_letter") == 300
                }
                try await fixture.expectEmptySoon()
            }
            // Three hundred questions take six seconds, and no more than one at a time.
            #expect(told.withLock { $0 } >= 3)
            let verdict = fixture.reader.finish()
            #expect(verdict.holds && verdict.repeatCount == 0, "\(verdict)")
        }
    }
}

extension OutboxTopicsTests {
    @Test func `a topic without a leader yet is waited for, and uses no attempt`() async throws {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            guard case .builtIn(let mock) = broker else { return }
            let fixture = try await OutboxFixture(database, broker) {
                $0.retry = RetryPolicy(maxAttempts: 1)
            }
            mock.setTopicError(fixture.topic, 5)
            try await fixture.running {
                try await fixture.insert(100)
                try await fixture.expectSoon {
                    fixture.engine.status().first?.state == .unreachable
                }
                mock.setTopicError(fixture.topic, 0)
                #expect(await fixture.reader.hasAll())
                #expect(try await database.number("SELECT count(*) FROM postbox.parked") == 0)
            }
        }
    }
}

/// What only a real Kafka refuses.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct OutboxRefusalTests {
    private static let retry = RetryPolicy(
        maxAttempts: 2,
        first: .milliseconds(50),
        max: .milliseconds(100)
    )

    @Test(arguments: BrokerKind.available.filter { $0 == .kafka })
    func `a record above the topic's limit is a dead letter, and the others pass`(
        kind: BrokerKind
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, kind.broker()) { $0.retry = Self.retry }
            let small = fixture.topic + "-small"
            let wanted = KafkaNewTopic(small, settings: ["max.message.bytes": "100000"])
            #expect(try KafkaAdmin(fixture.broker.cluster).create([wanted]).isEmpty)
            try await fixture.running {
                try await fixture.insert(50)
                let random = """
                    (SELECT string_agg(md5(random()::text || n), '')
                     FROM generate_series(1, 10000) AS n)::bytea
                    """
                try await fixture.insert(1, keys: 1, payload: random, topic: small)
                try await fixture.insert(50)
                try await fixture.expectSoon {
                    try await database.number("SELECT count(*) FROM postbox.dead_letter") == 1
                }
                let reason = "SELECT reason FROM postbox.dead_letter"
                let reasons = try await database.texts(reason).compactMap(\.self)
                #expect(reasons.allSatisfy { $0.contains("MSG_SIZE_TOO_LARGE") })
                try await fixture.expectEmptySoon()
            }
        }
    }

    @Test(arguments: BrokerKind.stoppable.filter { $0 == .kafka })
    func `a topic that nobody made, on a Kafka that makes none, is a dead letter's reason`(
        kind: BrokerKind
    ) async throws {
        let home = try #require(KafkaPrivateBroker.findHome())
        let kafka = try KafkaPrivateBroker(
            home: home,
            properties: ["auto.create.topics.enable": "false"]
        )
        defer { kafka.remove() }
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, .started(kafka)) {
                $0.retry = Self.retry
            }
            try await fixture.running {
                try await fixture.insert(1, keys: 1, topic: "nobody-made-it")
                try await fixture.insert(38)
                #expect(await fixture.reader.has(distinct: 37))
                try await fixture.expectSoon {
                    try await database.number("SELECT count(*) FROM postbox.dead_letter") == 1
                }
                let reasons = try await database.texts("SELECT reason FROM postbox.dead_letter")
                #expect(reasons.first??.contains("UNKNOWN_TOPIC") == true)
            }
        }
    }
}
