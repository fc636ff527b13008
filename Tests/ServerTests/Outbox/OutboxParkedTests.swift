import Kafka
import Messaging
import Postgres
import TestKit
import Testing

@testable import Outbox

/// Parked messages, whatever they look like and however many there are.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct OutboxParkedTests {
    /// Longer than an entry of an index may be, and not to be compressed.
    private static let longKey = """
        (SELECT string_agg(md5(n::text), '' ORDER BY n) FROM generate_series(1, 300) AS n)
        """

    @Test func `a message with a long key is parked, and retried before its followers`()
        async throws
    {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            let fixture = try await OutboxFixture(database, broker, partitions: 1)
            guard case .builtIn(let mock) = broker else { return }
            let closed = try broker.makeTopic("closed", partitions: 1)
            mock.setTopicError(closed, 29)
            let desk = OutboxDesk(definition: fixture.definition, database: try database.target())
            try await fixture.running {
                try await database.run(
                    """
                    INSERT INTO postbox.outbox (topic, key, payload)
                    SELECT topic, \(Self.longKey), 'x'
                    FROM unnest(ARRAY['\(closed)', '\(fixture.topic)', '\(fixture.topic)']) AS topic
                    """
                )
                try await fixture.expectSoon {
                    try desk.list(DeadLetterSelection(states: [.held])).count == 2
                }
                try await fixture.insert(100)
                #expect(await fixture.reader.has(distinct: 100))
                mock.setTopicError(closed, 0)
                _ = try desk.retry(DeadLetterSelection())
                #expect(await fixture.reader.has(distinct: 102))
                try await fixture.expectSoon {
                    try await database.number("SELECT count(*) FROM postbox.parked") == 0
                }
            }
        }
    }

    @Test func `headers of type json that jsonb refuses are that message's fault alone`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            try await database.run("ALTER TABLE postbox.outbox ALTER headers TYPE json")
            let desk = OutboxDesk(definition: fixture.definition, database: try database.target())
            try await fixture.running {
                try await database.run(
                    """
                    INSERT INTO postbox.outbox (topic, key, headers) VALUES
                        ('\(fixture.topic)', 'nul', '{"a": "\\u0000"}'),
                        ('\(fixture.topic)', 'half', '{"a": "\\ud800"}'),
                        ('\(fixture.topic)', 'number', '{"a": 1e999999}'),
                        ('\(fixture.topic)', 'half', '{"a": "good"}')
                    """
                )
                try await fixture.insert(100)
                #expect(await fixture.reader.has(distinct: 100))
                try await fixture.expectSoon { try desk.list(DeadLetterSelection()).count == 3 }
                let held = try desk.list(DeadLetterSelection(states: [.held]))
                #expect(held.map(\.key) == ["half"])
            }
            let dead = try desk.list(DeadLetterSelection())
            #expect(dead.map(\.key) == ["nul", "half", "number"])
            let kept = "SELECT headers #>> '{}' FROM postbox.dead_letter WHERE key = 'nul'"
            #expect(try await database.texts(kept) == [#"{"a": "\u0000"}"#])
        }
    }

    @Test func `those that wait cost nothing to look past`() async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            try await database.run("ANALYZE postbox.parked")
            try await database.run(
                Self.parked(10_000, .dead) + Self.parked(10_000, .held, from: 20_000)
            )
            let session = try PostgresSession(connectingTo: database.target(), within: .seconds(5))
            try session.run(OutboxStatements.readerSettings)
            let table = try OutboxTable(fixture.definition, in: session)
            let statements = try OutboxStatements(table, schema: "postbox")
            try session.prepare([statements.takeParked, statements.settleParked, statements.park])
            let take = "take_parked('shop', 256, 1000000, true, 1000000)"
            #expect(try session.plan(of: take).contains("Index Cond: ((outbox = $1) AND (state = "))
            let settle = "settle_parked('shop', 0, 1, '{1}', '{k}')"
            #expect(try session.plan(of: settle).contains("using parked_by_key_hash on parked f"))
            let park = "park('shop', 0, 1, '{1}', '{held}', '{}', '{1}', '{0}')"
            #expect(try session.plan(of: park).contains("using parked_by_key_hash on parked p"))
        }
    }

    @Test func `a retry that somebody asks for is not undone by the refusal of the one before`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            try await database.run(
                """
                INSERT INTO postbox.lane VALUES ('shop', 0, 1, 'one', NULL, 1, now());
                INSERT INTO postbox.parked (outbox, id, topic, key, state, attempts, retry_at)
                VALUES ('shop', 1, 'topic', 'k', 'retrying', 3, now())
                """
            )
            let session = try PostgresSession(connectingTo: database.target(), within: patience)
            let table = try OutboxTable(fixture.definition, in: session)
            let statements = try OutboxStatements(table, schema: "postbox")
            func refuse(attempt: Int) throws {
                try session.run(
                    """
                    EXECUTE defer_parked(
                        'shop', 0, 1, '{1}', '{dead}', '{no}', '{\(attempt)}', '{0}', true)
                    """
                )
            }
            try session.prepare([statements.deferParked])
            let state = "SELECT state || attempts FROM postbox.parked"
            try await database.run("UPDATE postbox.parked SET attempts = 0")
            try refuse(attempt: 4)
            #expect(try await database.texts(state) == ["retrying0"])
            try refuse(attempt: 1)
            #expect(try await database.texts(state) == ["dead1"])
        }
    }

    @Test func `a schema of an earlier version is brought up to date`() async throws {
        try await withTestDatabase { database in
            let script = try OutboxMigration.script(
                for: [OutboxDefinition(name: "shop", database: "db", kafka: "kafka")]
            )
            try await database.run(script)
            try await database.run(
                """
                DROP INDEX postbox.parked_by_key_hash, postbox.parked_by_state;
                DROP FUNCTION postbox.headers(json);
                CREATE INDEX parked_by_key ON postbox.parked (outbox, key, id)
                """
            )
            try await database.run(script)
            let indexes = """
                SELECT relname FROM pg_class
                WHERE relname LIKE 'parked_by%' ORDER BY relname
                """
            #expect(
                try await database.texts(indexes)
                    == ["parked_by_key_hash", "parked_by_state", "parked_by_time"]
            )
        }
    }

    @Test func `each lane shows its own messages, and together they are all`() async throws {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            let fixture = try await OutboxFixture(database, broker) { $0.lanes = 3 }
            try broker.goDown()
            try await database.run(Self.parked(50, .dead) + Self.parked(70, .held, from: 1_000))
            try await database.run(
                """
                INSERT INTO postbox.outbox (topic, key)
                SELECT '\(fixture.topic)', 'k' || n FROM generate_series(1, 90) AS n
                """
            )
            try await fixture.running {
                try await fixture.expectSoon {
                    let lanes = fixture.engine.status()
                    return lanes.allSatisfy { $0.countedSecondsAgo != nil && $0.backlog ?? 0 > 0 }
                }
                let lanes = fixture.engine.status()
                func sum(_ count: (LaneStatus) -> Int64?) -> Int64 {
                    lanes.reduce(0) { $0 + (count($1) ?? 0) }
                }
                #expect(sum(\.deadLetters) == 50)
                #expect(sum(\.held) == 70)
                #expect(sum(\.backlog) == 90)
            }
        }
    }

    private static func parked(
        _ count: Int,
        _ state: DeadLetter.State,
        from first: Int = 1
    ) -> String {
        """
        INSERT INTO postbox.parked (outbox, id, topic, key, payload, state)
        SELECT 'shop', n, 'topic', 'k' || n % 100, 'x', '\(state.rawValue)'
        FROM generate_series(\(first), \(first + count - 1)) AS n;
        """
    }
}

extension PostgresSession {
    /// How a prepared statement would be carried out.
    fileprivate func plan(of call: String) throws -> String {
        let rows = try query("EXPLAIN EXECUTE \(call)")
        return (0..<rows.count).map { rows.text($0, 0) }.joined(separator: "\n")
    }
}
