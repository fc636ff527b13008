import Postgres
import TestKit
import Testing

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct TodoTests {
    @Test
    func `a key belongs to one worker until its transaction ends`() async throws {
        try await withTestDatabase { database in
            let fixture = try await TodoFixture(database)
            try await fixture.store(1...9, key: "'k' || i % 3")
            let (one, other) = (try fixture.session(), try fixture.session())
            try one.run("BEGIN")
            #expect(try TodoFixture.take(2, in: one) == [1, 4])
            try other.run("BEGIN")
            #expect(try TodoFixture.take(100, in: other) == [2, 3, 5, 6, 8, 9])
            try one.run("ROLLBACK; BEGIN")
            #expect(try TodoFixture.take(100, in: one) == [1, 4, 7])
            _ = try one.query("SELECT postbox.done(array_agg(id)) FROM postbox.take('shop', 1)")
            #expect(try TodoFixture.take(100, in: one) == [4, 7])
            try one.run("COMMIT; BEGIN")
            #expect(try TodoFixture.take(1, in: other) == [2])
            try one.run("ROLLBACK")
            #expect(try TodoFixture.take(100, in: other) == [2, 3, 4, 5, 6, 7, 8, 9])
        }
    }

    @Test
    func `messages without a key wait for nobody, and inboxes do not mix`() async throws {
        try await withTestDatabase { database in
            let fixture = try await TodoFixture(database)
            try await fixture.store(1...3000, key: "NULL::text")
            let (one, other) = (try fixture.session(), try fixture.session())
            try one.run("BEGIN")
            #expect(try TodoFixture.take(1500, in: one) == Array(1...1500))
            try other.run("BEGIN")
            #expect(try TodoFixture.take(100, in: other) == Array(1501...1600))
            let rows = try other.query("SELECT FROM postbox.take('another')")
            #expect(rows.count == 0)
        }
    }

    @Test
    func `other keys are found behind a long backlog that somebody owns`() async throws {
        try await withTestDatabase { database in
            let fixture = try await TodoFixture(database)
            try await fixture.store(1...20_000, key: "'hot'")
            try await fixture.store(20_001...20_500, key: "'k' || i % 50")
            try await fixture.store(20_501...20_510, key: "NULL::text")
            let (one, other) = (try fixture.session(), try fixture.session())
            try one.run("BEGIN")
            #expect(try TodoFixture.take(10, in: one) == Array(1...10))
            try other.run("BEGIN")
            #expect(try TodoFixture.take(1000, in: other) == Array(20_001...20_510))
        }
    }

    @Test
    func `what is put off holds back its key, and no other`() async throws {
        try await withTestDatabase { database in
            let fixture = try await TodoFixture(database)
            try await fixture.store(1...9, key: "'k' || i % 3")
            let session = try fixture.session()
            let off = try session.query(
                """
                SELECT postbox.put_off(array_agg(id), '1 hour') FROM postbox.take('shop', 100)
                WHERE message_id IN ('m1', 'm5')
                """
            )
            #expect(off.int(0, 0) == 2)
            #expect(try TodoFixture.take(100, in: session) == [2, 3, 6, 9])
            try session.run("UPDATE postbox.todo SET ready_at = now() WHERE message_id = 'm1'")
            #expect(try TodoFixture.take(100, in: session) == [1, 2, 3, 4, 6, 7, 9])
            let attempts = try session.query("SELECT attempt FROM postbox.take('shop', 1)")
            #expect(attempts.int(0, 0) == 2)
        }
    }

    @Test
    func `a worker with an old snapshot fails rather than repeat or swap`() async throws {
        try await withTestDatabase { database in
            let fixture = try await TodoFixture(database)
            try await fixture.store(1...4, key: "'k'")
            let (old, quick) = (try fixture.session(), try fixture.session())
            for left in [4, 3] {
                try old.run("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM product")
                // The head is finished, or what follows it.
                let victim = left == 4 ? "min" : "max"
                try quick.run(
                    "SELECT postbox.done(ARRAY[\(victim)(id)]) FROM postbox.take('shop', 100)"
                )
                let error = #expect(throws: PostgresError.self) {
                    try TodoFixture.take(100, in: old)
                }
                #expect(error?.sqlState?.code == "40001")
                try old.run("ROLLBACK")
            }
            #expect(try TodoFixture.take(100, in: old) == [2, 3])
        }
    }

    @Test
    func `rows of an outbox follow from the message that was entered`() async throws {
        try await withTestDatabase { database in
            let fixture = try await TodoFixture(database)
            try await fixture.store(1...2, key: "'k'")
            try await database.run(
                """
                UPDATE postbox.todo SET headers = '{"correlation-id": "c", "traceparent": "t"}'
                WHERE message_id = 'm2'
                """
            )
            let chains = try await database.texts(
                """
                SELECT concat_ws(' ', postbox.correlation(t), postbox.enter(t.id)::text,
                    current_setting('postbox.correlation_id'),
                    current_setting('postbox.causation_id'),
                    current_setting('postbox.traceparent'))
                FROM postbox.take('shop') AS t
                """
            )
            #expect(chains == ["m1 m1 m1 ", "c c m2 t"])
            let after = try await database.texts("SELECT current_setting('postbox.causation_id')")
            #expect(after == [""])
        }
    }
}
