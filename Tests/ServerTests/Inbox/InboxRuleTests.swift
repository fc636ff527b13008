import Inbox
import Kafka
import Messaging
import Telemetry
import TestKit
import Testing

/// What a configuration can say of the messages of an inbox, from Kafka to the table.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxRuleTests {
    @Test(arguments: OutsideWindowRule.allCases, [-5, 10])
    func `what lies outside the window is parked, applied or dropped, as it was said`(
        rule: OutsideWindowRule,
        daysAhead: Int
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.dedup.window = .seconds(3 * 86_400)
                $0.dedup.outside = rule
            }
            try await fixture.running { engine in
                try await fixture.write(1...10, createdAt: "now() + interval '\(daysAhead) days'")
                try await fixture.write(11...20)
                let isApplied = rule == .apply
                let sum = (11...20).reduce(0, +)
                try await fixture.expectApplied(isApplied ? 20 : 10, total: isApplied ? 210 : sum)
                #expect(await soon { engine.status().lateTotal == (isApplied ? 0 : 10) })
            }
            let parked = try await database.number("SELECT count(*) FROM postbox.inbox_dead_letter")
            #expect(parked == (rule == .park ? 10 : 0))
        }
    }

    @Test func `a message without an id is known by its position, where that was said`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.dedup.missing = .position
            }
            try await fixture.running { _ in
                try await fixture.write(1...100, id: "NULL::text")
                try await fixture.expectApplied(100)
            }
            // As if nothing of it had been read.
            try await database.run(
                "UPDATE postbox.position SET next_offset = 0, record_time = NULL"
            )
            try await fixture.running { engine in
                #expect(await soon { engine.status().duplicatesTotal == 100 })
                try await fixture.expectApplied(100)
            }
            let ids = """
                SELECT count(*) FROM postbox.inbox WHERE message_id LIKE '\(fixture.topic)-%-%'
                """
            #expect(try await database.number(ids) == 100)
        }
    }

    @Test func `a member of the payload is an id, where that was said`() async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.dedup.id = .json(["version"])
            }
            try await fixture.running { engine in
                try await fixture.write(1...100, id: "'first' || n")
                try await fixture.write(1...100, id: "'second' || n")
                #expect(await soon { engine.status().duplicatesTotal == 100 })
                try await fixture.expectApplied(100)
            }
        }
    }

    @Test func `without ids the position alone sees to it that nothing is applied twice`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.dedup.mode = .none
                $0.lanes = 3
                $0.batch = 20
            }
            try await fixture.write(1...5000)
            try await fixture.running { _ in
                for round in 1...20 {
                    let goal = round * 200
                    _ = try await soon { try await fixture.applied() >= goal }
                    try await fixture.endSessions()
                }
                try await fixture.expectApplied(5000)
            }
            #expect(try await database.number("SELECT count(*) FROM postbox.inbox") == 0)
        }
    }

    @Test func `a new inbox begins at the end, where that was said`() async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.start = .latest
            }
            try await fixture.write(1...100)
            try await fixture.running { engine in
                #expect(await soon { engine.status().partitions.count == 4 })
                try await fixture.write(101...110)
                try await fixture.expectApplied(10, total: (101...110).reduce(0, +))
            }
        }
    }

    @Test func `a topic whose retention has passed our position stands still, and says so`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(
                database,
                BrokerKind.builtIn.broker(),
                partitions: 1,
                apply: .store
            )
            try await fixture.running { _ in
                try await fixture.write(1...10)
                #expect(
                    try await soon {
                        try await database.number("SELECT count(*) FROM postbox.todo") == 10
                    }
                )
            }
            // The built-in broker keeps 5 MB of a partition.
            try await fixture.write(11...30_000, id: "repeat('m', 500) || n")
            try await fixture.running { engine in
                let problem = "records are gone for good"
                #expect(
                    await soon {
                        engine.status().partitions.first?.problem?.contains(problem) ?? false
                    }
                )
                #expect(await soon { engine.status().state == .stopped })
            }
            #expect(try await database.number("SELECT count(*) FROM postbox.todo") == 10)
        }
    }

    @Test func `a record at the place of an old dead letter is parked beside it`() async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(
                database,
                BrokerKind.builtIn.broker(),
                partitions: 1
            ) { $0.retry = RetryPolicy(maxAttempts: 1) }
            // Of a topic of the same name, before it was made anew.
            try await database.run(
                """
                INSERT INTO postbox.parked_message
                    (inbox, topic, partition, "offset", key_hash, created_at, state)
                VALUES ('accounts', '\(fixture.topic)', 0, 2, 1, '2020-01-01', 'dead');
                INSERT INTO bank.poison VALUES ('m3', 'refuse');
                """
            )
            try await fixture.running { _ in
                try await fixture.write(1...5)
                try await fixture.expectApplied(4, total: 12)
            }
            let dead = "SELECT count(*) FROM postbox.inbox_dead_letter WHERE \"offset\" = 2"
            #expect(try await database.number(dead) == 2)
        }
    }

    @Test func `a store keeps what comes for the workers, each once`() async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(
                database,
                BrokerKind.builtIn.broker(),
                apply: .store
            )
            try await fixture.running { engine in
                try await fixture.write(1...100)
                try await fixture.write(1...100)
                #expect(await soon { engine.status().duplicatesTotal == 100 })
            }
            let taken = """
                SELECT count(DISTINCT message_id) FROM (
                    SELECT (postbox.take('accounts', 1000)).message_id) AS t
                """
            #expect(try await database.number("SELECT count(*) FROM postbox.todo") == 100)
            #expect(try await database.number(taken) == 100)
        }
    }

    @Test func `no words of a handler are in the log or the status`() async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(
                database,
                BrokerKind.builtIn.broker(),
                apply: .function(QualifiedName(schema: "bank", name: "on_secret"))
            ) { $0.retry = RetryPolicy(maxAttempts: 2, first: .milliseconds(10)) }
            try await database.run(
                """
                CREATE FUNCTION bank.on_secret(m postbox.message) RETURNS void LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION 'hunter2 %', convert_from((m).payload, 'UTF8')
                    USING DETAIL = 'hunter2', HINT = 'hunter2'; END $$
                """
            )
            let recorder = LogRecorder()
            try await fixture.running(log: recorder.log()) { engine in
                try await fixture.write(1...3)
                let dead = """
                    SELECT count(*) FROM postbox.inbox_dead_letter WHERE reason LIKE '%hunter2%'
                    """
                #expect(try await soon { try await database.number(dead) == 3 })
                let said = recorder.lines.joined() + "\(engine.status())"
                #expect(said.contains("P0001") && !said.contains("hunter2"))
            }
        }
    }

    @Test func `a copy that Kafka refuses is told`() async throws {
        try await withTestDatabase { database in
            let broker = try MockBroker()
            let copies = "dead"
            try broker.createTopic(copies, partitions: 1)
            let fixture = try await InboxFixture(database, .builtIn(broker)) {
                $0.retry = RetryPolicy(maxAttempts: 1)
                $0.deadLetterTopic = copies
            }
            try await database.run("INSERT INTO bank.poison VALUES ('m5', 'refuse')")
            let recorder = LogRecorder()
            try await fixture.write(1...10)
            // Order: after our own records, before the copy. It is MSG_SIZE_TOO_LARGE.
            broker.pushErrors(.produce, 10)
            try await fixture.running(log: recorder.log()) { _ in
                #expect(await soon { recorder.lines.contains { $0.contains("were not copied") } })
            }
        }
    }
}
