import Kafka
import Messaging
import Outbox
import Postgres
import TestKit
import Testing
import Threads

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct OutboxChainTests {
    private static let names = ["correlation-id", "causation-id", "traceparent"]

    /// Rows by key, and the chain's headers that their records must have; nil: none of that name.
    private static func rows(for topic: String) -> String {
        """
        BEGIN;
        SELECT set_config('postbox.correlation_id', 'c', true),
            set_config('postbox.causation_id', 'm', true),
            set_config('postbox.traceparent', 't', true);
        INSERT INTO postbox.outbox (topic, key, headers) VALUES
            ('\(topic)', 'all', NULL),
            ('\(topic)', 'both', '{"traceparent": "own", "causation-\\u0069d": "own", "a": "1"}');
        INSERT INTO postbox.outbox (topic, key, headers, correlation_id)
        VALUES ('\(topic)', 'given', '{}', 'mine');
        COMMIT;
        INSERT INTO postbox.outbox (topic, key, headers)
        VALUES ('\(topic)', 'none', '{"traceparent": "own"}');
        """
    }

    private static let expected: [String: [String?]] = [
        "all": ["c", "m", "t"], "both": ["c", "m", "t"], "given": ["mine", "m", "t"],
        "none": [nil, nil, "own"],
    ]

    @Test(arguments: RecordFormat.allCases)
    func `what a message follows from is in its headers, once each`(
        format: RecordFormat
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.format = format
            }
            try await fixture.running {
                try await database.run(Self.rows(for: fixture.topic))
                let records = await records(4, of: fixture.topic, on: fixture.broker)
                #expect(chains(records) == Self.expected)
                let traces = records.map { $0.header("ce_traceparent") }.compactMap(\.self)
                #expect(traces == (format == .cloudevents ? ["t", "t", "t"] : []))
                #expect(records.contains { $0.header("a") == "1" })
            }
        }
    }

    @Test
    func `parked and archived messages keep their chain`() async throws {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            let fixture = try await OutboxFixture(database, broker) {
                $0.settle = .archive(retain: .seconds(86_400))
                $0.retry = RetryPolicy(
                    maxAttempts: 2,
                    first: .milliseconds(50),
                    max: .milliseconds(100)
                )
            }
            guard case .builtIn(let mock) = broker else { return }
            let closed = try broker.makeTopic("closed", partitions: 1)
            mock.setTopicError(closed, 29)
            let desk = OutboxDesk(
                definition: fixture.definition,
                database: try database.target()
            )
            try await fixture.running {
                try await database.run(Self.rows(for: closed))
                try await fixture.expectSoon { try desk.list(DeadLetterSelection()).count == 4 }
                mock.setTopicError(closed, 0)
                let retried = try desk.retry(DeadLetterSelection())
                #expect(retried == 4)
                let records = await records(4, of: closed, on: broker)
                #expect(chains(records) == Self.expected)
                try await database.run(Self.rows(for: fixture.topic))
                try await fixture.expectEmptySoon()
            }
            let archived = try await database.number(
                """
                SELECT count(*) FROM postbox.delivered
                WHERE headers @> '{"causation-id": "m", "traceparent": "t"}'
                """
            )
            #expect(archived == 6)
        }
    }

    @Test
    func `a table of an earlier version is published, and migrated with its rows`() async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            try await database.run(
                """
                ALTER TABLE postbox.outbox
                    DROP COLUMN correlation_id, DROP COLUMN causation_id, DROP COLUMN traceparent
                """
            )
            let definition = fixture.definition
            let problems = try await database.connection.withSession { session in
                try OutboxCheck.problems(of: definition, in: session)
            }
            #expect(problems.count == 3 && problems.allSatisfy(\.isWarning), "\(problems)")
            try await fixture.running {
                try await fixture.insert(10)
                #expect(await fixture.reader.has(distinct: 10))
            }
            try await fixture.insert(10)
            try await database.run(
                "SET postbox.traceparent = 'migrating'; "
                    + OutboxMigration.script(for: [definition]) + "; RESET postbox.traceparent"
            )
            let chained = try await database.number(
                "SELECT count(traceparent) FROM postbox.outbox"
            )
            #expect(chained == 0)
            try await database.run(Self.rows(for: fixture.topic))
            let following = try await database.number(
                "SELECT count(traceparent) FROM postbox.outbox"
            )
            #expect(following == 3)
        }
    }

    /// The first values of the chain's headers by key; a name that stands twice is told as such.
    private func chains(_ records: [KafkaRecord]) -> [String: [String?]] {
        var chains: [String: [String?]] = [:]
        for record in records {
            let key = String(decoding: record.key ?? [], as: UTF8.self)
            chains[key] = Self.names.map { name in
                let count = record.headers.count { $0.name == name }
                return count > 1 ? "\(count) of \(name)" : record.header(name)
            }
        }
        return chains
    }

    /// The first records of a topic; fewer when they do not come in time.
    private func records(
        _ count: Int,
        of topic: String,
        on broker: TestBroker
    ) async -> [KafkaRecord] {
        let cluster = broker.cluster
        return await blocking {
            var records: [KafkaRecord] = []
            do {
                let consumer = try KafkaConsumer(cluster)
                try consumer.assign(topic: topic)
                let deadline = MonotonicTime.now + .seconds(30)
                while deadline > .now, records.count < count {
                    records += consumer.next().records()
                }
            } catch {
                Issue.record(error)
            }
            return records
        }
    }
}
