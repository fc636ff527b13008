import Glibc
import TestKit
import Testing
import Threads

/// P8: what the built daemon takes, whatever waits for it.
@Suite(.timeLimit(.minutes(5)))
struct BoundedMemoryTests {
    /// Less than what waits in each test.
    ///
    /// A broker that answers after half a second lets every budget fill: then 58 MiB were taken.
    private static let limit = 72 << 20

    @Test(arguments: BrokerKind.available)
    func `a backlog and a row of 100 MB fit into 72 MiB`(kind: BrokerKind) async throws {
        try await withTestDatabase { database in
            let broker = try kind.broker()
            // The built-in broker forgets what is more than 5 MB of a partition, read or not.
            let topic = try broker.makeTopic(partitions: 32)
            let reader = TopicReader(topic: topic, cluster: broker.cluster)
            let file = try ConfigurationFile(broker, database: database.conninfo)
            _ = try await PostboxBinary.run(["migrate", "--apply", "--config", file.path])
            try await database.run(
                """
                INSERT INTO postbox.outbox (topic, key, payload)
                SELECT '\(topic)', 'k' || n % 100, convert_to(repeat('x', 1000), 'UTF8')
                FROM generate_series(1, 50000) AS n;
                INSERT INTO postbox.outbox (topic, key, payload)
                SELECT '\(topic)', 'giant', convert_to(repeat('x', 100000000), 'UTF8');
                INSERT INTO postbox.outbox (topic, key, payload)
                SELECT '\(topic)', 'k' || n % 100, convert_to(repeat('x', 1000), 'UTF8')
                FROM generate_series(1, 50000) AS n;
                """
            )
            let words = ["run", "--config", file.path, "--socket", file.socket]
            let daemon = try PostboxBinary.start(words)
            defer { daemon.kill(SIGKILL) }
            #expect(
                await reader.has(distinct: 100_000, within: patience),
                "\(daemon.errors?.text ?? "")"
            )
            let figures = try #require(ProcessFigures(ofProcess: daemon.pid))
            #expect(figures.peakResidentBytes < Self.limit)
            let letters = try await PostboxBinary.run([
                "dead-letters", "list", "--socket", file.socket,
            ])
            #expect(letters.output.contains("giant"))
        }
    }

    @Test func `the first read takes no more than the others, however large rows are`() async throws
    {
        try await expectBounded(
            filled: { topic in
                """
                INSERT INTO postbox.outbox (topic, key, payload)
                SELECT '\(topic)', 'k' || n % 100, convert_to(repeat('x', 15000), 'UTF8')
                FROM generate_series(1, 8000) AS n;
                """
            }
        )
    }

    @Test func `large keys and headers count as large payloads do`() async throws {
        try await expectBounded(
            filled: { topic in
                """
                INSERT INTO postbox.outbox (topic, key, headers)
                SELECT '\(topic)', 'giant-headers', jsonb_build_object('h', repeat('x', 100000000));
                INSERT INTO postbox.outbox (topic, key)
                SELECT '\(topic)', 'giant-key' || repeat('x', 100000000);
                INSERT INTO postbox.outbox (topic, key, headers)
                SELECT '\(topic)', 'k' || n, jsonb_build_object('h', repeat('x', 900000))
                FROM generate_series(1, 150) AS n;
                INSERT INTO postbox.outbox (topic, key)
                SELECT '\(topic)', n || repeat('x', 900000)
                FROM generate_series(1, 150) AS n;
                """
            },
            refused: ["giant-headers", "giant-key"]
        )
    }

    @Test func `a JSON payload counts as it is sent, not as it is stored`() async throws {
        try await expectBounded(
            filled: { topic in
                """
                ALTER TABLE postbox.outbox ALTER payload TYPE jsonb USING NULL;
                INSERT INTO postbox.outbox (topic, key, payload)
                SELECT '\(topic)', 'k' || n, jsonb_build_object('text', repeat('x', 900000))
                FROM generate_series(1, 300) AS n;
                INSERT INTO postbox.outbox (topic, key, payload)
                SELECT '\(topic)', 'numbers', to_jsonb(ARRAY(SELECT generate_series(1, 120000)));
                """
            }
        )
    }

    @Test func `large messages that were held are taken up a few at a time`() async throws {
        try await expectBounded(
            filled: { topic in
                """
                INSERT INTO postbox.parked (outbox, id, topic, key, payload, state, retry_at)
                SELECT 'shop', n, '\(topic)', 'k' || n, convert_to(repeat('x', 900000), 'UTF8'),
                    'retrying', now()
                FROM generate_series(1, 100) AS n;
                """
            }
        )
    }

    /// Lets a daemon publish what a script writes, and looks at the most that it took meanwhile.
    ///
    /// A slow broker lets its whole budget fill; the rest of the limit is for the program itself.
    private func expectBounded(
        filled script: (String) -> String,
        refused: [String] = []
    ) async throws {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            let topic = try broker.makeTopic(partitions: 32)
            let file = try ConfigurationFile(
                broker,
                database: database.conninfo,
                memory: "24MiB"
            )
            _ = try await PostboxBinary.run(["migrate", "--apply", "--config", file.path])
            try await database.run(script(topic))
            let words = ["run", "--config", file.path, "--socket", file.socket]
            let daemon = try PostboxBinary.start(words)
            defer { daemon.kill(SIGKILL) }
            let waiting = """
                SELECT (SELECT count(*) FROM postbox.outbox)
                    + (SELECT count(*) FROM postbox.parked WHERE state <> 'dead')
                """
            let isDone = try await soon {
                try await database.number(waiting) == 0
            }
            #expect(isDone, "\(daemon.errors?.text ?? "")")
            let figures = try #require(ProcessFigures(ofProcess: daemon.pid))
            #expect(figures.peakResidentBytes < Self.limit)
            let dead = "SELECT left(key, 13) FROM postbox.dead_letter ORDER BY id"
            let keys = try await database.texts(dead).map { $0 ?? "" }
            #expect(
                keys.count == refused.count && zip(keys, refused).allSatisfy { $0.hasPrefix($1) }
            )
        }
    }
}
