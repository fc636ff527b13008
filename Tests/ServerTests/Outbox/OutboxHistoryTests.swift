import Kafka
import Messaging
import Outbox
import Postgres
import TestKit
import Testing
import Threads

/// Late commits: what other relays lose or swap.
@Suite(.timeLimit(.minutes(5)), .mayBlock, .serialized)
struct OutboxHistoryTests {
    /// Several writers, each with its own connection, transactions that commit late and in any order,
    /// rollbacks, savepoints, a prepared transaction, and a stranger's transaction that stays open.
    @Test(arguments: BrokerKind.available, Seed.some())
    func `no commit order loses, invents or swaps a message`(
        kind: BrokerKind,
        seed: Seed
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, kind.broker())
            try await database.run(
                """
                CREATE TABLE account (key text PRIMARY KEY);
                INSERT INTO account SELECT 'k' || i FROM generate_series(0, 9) AS i
                """
            )
            let stranger = PostgresConnection(to: try database.target(), name: "stranger")
            try await stranger.run("BEGIN; SELECT pg_current_xact_id()")
            let total = try await fixture.running {
                try await withThrowingTaskGroup { group in
                    for writer in 0..<8 {
                        group.addTask {
                            let random = Seed(seed.value &+ UInt64(writer)).makeGenerator()
                            let work = WriterWork(
                                name: "writer-\(writer)",
                                topic: fixture.topic,
                                random: random
                            )
                            return try await work.run(in: database, reader: fixture.reader)
                        }
                    }
                    var total = 0
                    for try await count in group { total += count }
                    let arrived = await fixture.reader.has(distinct: total)
                    #expect(arrived)
                    return total
                }
            }
            #expect(total > 1000)
            try await stranger.run("COMMIT")
            let left = try await database.number("SELECT count(*) FROM postbox.outbox")
            let verdict = fixture.reader.finish()
            #expect(left == 0 && verdict.holds && verdict.repeatCount == 0, "\(verdict)")
        }
    }

    @Test(arguments: BrokerKind.available)
    func `a prepared transaction's rows are published when it commits, before later ones`(
        kind: BrokerKind
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, kind.broker())
            try await fixture.running {
                try await fixture.insert(10)
                let prepared = try await database.connection.withSession { session in
                    try session.run("BEGIN")
                    let rows = try session.query(
                        """
                        INSERT INTO postbox.outbox (topic, key, payload)
                        VALUES ('\(fixture.topic)', 'prepared', 'x') RETURNING id
                        """
                    )
                    let id = rows.int64(0, 0)
                    try session.run("PREPARE TRANSACTION 'late-\(database.name)'")
                    return id
                }
                for _ in 0..<5 { try await fixture.insert(200) }
                let first = await fixture.reader.has(distinct: 1010)
                #expect(first)
                try await database.run("COMMIT PREPARED 'late-\(database.name)'")
                fixture.reader.noteCommitted([(prepared, "prepared")])
                // Whoever writes next for the key had to wait for that commit.
                let later = try await database.connection.withSession { session in
                    try session.query(
                        """
                        INSERT INTO postbox.outbox (topic, key, payload)
                        VALUES ('\(fixture.topic)', 'prepared', 'y') RETURNING id
                        """
                    ).int64(0, 0)
                }
                fixture.reader.noteCommitted([(later, "prepared")])
                let second = await fixture.reader.has(distinct: 1012)
                #expect(second)
            }
            let verdict = fixture.reader.finish()
            #expect(verdict.holds, "\(verdict)")
        }
    }

    @Test
    func `the plan of a read does not depend on statistics`() async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            try await database.run("ANALYZE postbox.outbox")
            try await fixture.insert(20_000)
            try await fixture.running {
                let arrived = await fixture.reader.has(distinct: 20_000)
                #expect(arrived)
                try await fixture.expectEmptySoon()
            }
            let scans = try await database.number(
                """
                SELECT coalesce(max(seq_tup_read), 0) FROM pg_stat_user_tables
                WHERE relname = 'outbox'
                """
            )
            // What the test itself counts is all that is read in sequence.
            #expect(scans < 2_000_000)
        }
    }
}

/// What one writer does: random transactions over shared keys, each locked before it is written.
struct WriterWork {
    let name: String
    let topic: String
    var random: SeededGenerator

    /// Returns how many messages it committed.
    func run(in database: TestDatabase, reader: TopicReader) async throws -> Int {
        let connection = PostgresConnection(to: try database.target(), name: name)
        let start = random
        return try await connection.withSession { session in
            var random = start
            var committed = 0
            for _ in 0..<120 {
                let rows = try transaction(in: session, using: &random)
                reader.noteCommitted(rows)
                committed += rows.count
            }
            return committed
        }
    }

    private func transaction(
        in session: PostgresSession,
        using random: inout SeededGenerator
    ) throws -> [(id: Int64, key: String?)] {
        try session.run("BEGIN")
        if Bool.random(using: &random) { try session.run("SELECT pg_current_xact_id()") }
        var rows: [(id: Int64, key: String?)] = []
        let key = "k\(Int.random(in: 0..<10, using: &random))"
        try session.run("SELECT 1 FROM account WHERE key = '\(key)' FOR UPDATE")
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            rows.append((try insert(key, in: session), key))
        }
        let pause = Double.random(in: 0...0.02, using: &random)
        try session.run("SELECT pg_sleep(\(pause))")
        guard Int.random(in: 0..<10, using: &random) > 0 else {
            try session.run("ROLLBACK")
            return []
        }
        try session.run("COMMIT")
        return rows
    }

    private func insert(_ key: String, in session: PostgresSession) throws -> Int64 {
        try session.query(
            """
            INSERT INTO postbox.outbox (topic, key, payload)
            VALUES ('\(topic)', '\(key)', 'x') RETURNING id
            """
        ).int64(0, 0)
    }
}
