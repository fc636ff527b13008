import Inbox
import Kafka
import Messaging
import Telemetry
import TestKit
import Testing

/// P5: a message that its handler refuses stops its own key only.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxFailureTests {
    private static let retry = RetryPolicy(
        maxAttempts: 2,
        first: .milliseconds(50),
        max: .milliseconds(100)
    )

    @Test(arguments: [InboxFixture.batch, InboxFixture.each])
    func `poison in one of a thousand holds its key, and retry brings it to the right state`(
        apply: ApplyRule
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(
                database,
                BrokerKind.builtIn.broker(),
                apply: apply
            ) {
                $0.retry = Self.retry
                $0.lanes = 2
            }
            try await database.run(
                "INSERT INTO bank.poison SELECT 'm' || n * 1000, 'refuse' FROM generate_series(1, 3) n"
            )
            try await fixture.running { engine in
                // 3,000 messages of 500 keys: number 1000, 2000 and 3000 are of one key.
                try await fixture.write(1...3000, keys: 500)
                let parked = "SELECT count(*) FROM postbox.parked_message"
                #expect(
                    try await soon {
                        try await database.number(
                            "\(parked) WHERE state = 'dead' AND message_id = 'm1000'"
                        ) == 1
                    }
                )
                // 500 and what came before of key 0 were applied; 1000 and its four followers wait.
                let sum = 3000 * 3001 / 2 - (1000 + 1500 + 2000 + 2500 + 3000)
                try await fixture.expectApplied(2995, total: sum)
                #expect(
                    try await soon {
                        try await database.number("\(parked) WHERE state = 'held'") == 4
                    }
                )

                try await database.run("DELETE FROM bank.poison")
                try await fixture.retryDead()
                try await fixture.expectApplied(3000)
                #expect(try await soon { try await database.number(parked) == 0 })
                // Retries prove that a position is ours; they do not forget what stands before it.
                let forgotten = "SELECT count(*) FROM postbox.position WHERE record_time IS NULL"
                #expect(try await database.number("\(forgotten) AND next_offset > 0") == 0)
                try await fixture.write(3001...3500, keys: 500)
                try await fixture.expectApplied(3500)
                #expect(await soon { engine.status().appliedTotal == 3500 })
            }
        }
    }

    @Test(arguments: [FailurePolicy.skip, .stop])
    func `the policy decides whether followers pass`(policy: FailurePolicy) async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.retry = Self.retry
                $0.onFailure = policy
            }
            try await database.run("INSERT INTO bank.poison VALUES ('m5', 'refuse')")
            try await fixture.running { engine in
                try await fixture.write(1...10, keys: 1)
                if policy == .skip {
                    try await fixture.expectApplied(9, total: 50)
                } else {
                    #expect(await soon { engine.status().state == .stopped })
                    try await fixture.expectApplied(4)
                    try await database.run("DELETE FROM bank.poison")
                    try await fixture.expectApplied(10)
                    #expect(await soon { engine.status().state == .consuming })
                }
            }
        }
    }

    @Test
    func `a lane that waits at a message, and is stopped there, goes on there`() async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.onFailure = .stop
                $0.batch = 10
            }
            try await database.run("INSERT INTO bank.poison VALUES ('m5', 'refuse')")
            try await fixture.running { engine in
                try await fixture.write(1...10, keys: 1)
                #expect(await soon { engine.status().state == .stopped })
                // Other batches wait behind it.
                try await fixture.write(11...100, keys: 1)
                #expect(await soon { engine.status().partitions.contains { $0.end == 100 } })
            }
            try await database.run("DELETE FROM bank.poison")
            try await fixture.running { _ in try await fixture.expectApplied(100) }
        }
    }

    @Test
    func `a message that ends its session is isolated after two tries`() async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.retry = Self.retry
            }
            try await database.run("INSERT INTO bank.poison VALUES ('m500', 'end')")
            try await fixture.running { _ in
                try await fixture.write(1...1000, keys: 1000)
                try await fixture.expectApplied(999, total: 1000 * 1001 / 2 - 500)
                let dead = try await database.texts(
                    "SELECT message_id FROM postbox.inbox_dead_letter"
                )
                #expect(dead == ["m500"])
            }
        }
    }

    @Test
    func `serialization failures use no attempt`() async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.retry = Self.retry
            }
            try await database.run("INSERT INTO bank.poison VALUES ('m500', 'retry')")
            try await fixture.running { engine in
                try await fixture.write(1...1000)
                #expect(await soon { engine.status().lastError?.contains("40001") ?? false })
                #expect(
                    try await soon {
                        try await database.number("SELECT last_value FROM bank.busy") > 8
                    }
                )
                try await database.run("DELETE FROM bank.poison")
                try await fixture.expectApplied(1000)
                let parked = try await database.number(
                    "SELECT count(*) FROM postbox.parked_message"
                )
                #expect(parked == 0)
            }
        }
    }

    @Test
    func `deadlocks use no attempt, and nothing is lost, swapped or applied twice`() async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(
                database,
                BrokerKind.builtIn.broker(),
                apply: .batchFunction(QualifiedName(schema: "bank", name: "on_crossing"))
            ) {
                $0.retry = RetryPolicy(maxAttempts: 1)
                $0.lanes = 2
                $0.batch = 50
            }
            try await database.run(Self.crossing)
            try await fixture.write(1...3000)
            let recorder = LogRecorder()
            try await fixture.running(log: recorder.log()) { _ in
                // Each lane holds one of the tills, and stands before the gate.
                #expect(
                    try await soon {
                        try await database.number(
                            "SELECT count(*) FROM pg_locks WHERE objid = 40 AND NOT granted"
                        ) == 2
                    }
                )
                try await database.run("SELECT pg_advisory_unlock(40)")
                try await fixture.expectApplied(3000)
            }
            #expect(
                try await soon {
                    try await database.number(
                        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
                    ) > 0
                }
            )
            // The batch as it was: nobody looked for a message to blame, or parked one for a while.
            #expect(
                recorder.lines.contains {
                    $0.contains("the batch is tried again") && $0.contains("40P01")
                }
            )
            let parked = try await database.number(
                "SELECT is_called::int FROM postbox.parked_message_id_seq"
            )
            #expect(parked == 0)
        }
    }

    /// A handler that locks one of two tills before its work, and the other after: of two lanes at
    /// once each has what the other wants.
    ///
    /// Between the locks is a gate, which the test opens.
    private static let crossing = """
        DO $$ BEGIN
            EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = %L', current_database(), '20ms');
        END $$;
        SELECT pg_advisory_lock(40);
        CREATE TABLE bank.till AS SELECT generate_series(1, 2) AS id;
        CREATE FUNCTION bank.on_crossing(messages postbox.message[]) RETURNS void
            LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM FROM bank.till LIMIT 1 FOR UPDATE SKIP LOCKED;
            PERFORM pg_advisory_xact_lock_shared(40);
            PERFORM bank.on_changes(messages);
            PERFORM FROM bank.till FOR UPDATE;
        END $$;
        """

    @Test
    func `what lies outside the window, or has no id, is parked and holds nobody up`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.dedup.window = .seconds(3 * 86_400)
            }
            try await fixture.running { engine in
                try await fixture.write(1...10, createdAt: "now() - interval '5 days'")
                try await fixture.write(11...20, createdAt: "now() - interval '2 days'")
                try await fixture.write(21...30)
                let sum = (11...30).reduce(0, +)
                try await fixture.expectApplied(20, total: sum)
                let late = try await database.number(
                    "SELECT count(*) FROM postbox.inbox_dead_letter WHERE reason LIKE 'late%'"
                )
                #expect(late == 10)
                #expect(await soon { engine.status().lateTotal == 10 })
            }
        }
    }

    @Test
    func `a dead letter is copied to the topic for them`() async throws {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            let copies = try broker.makeTopic("dead", partitions: 1)
            let fixture = try await InboxFixture(database, broker) {
                $0.retry = RetryPolicy(maxAttempts: 1)
                $0.deadLetterTopic = copies
            }
            try await database.run("INSERT INTO bank.poison VALUES ('m5', 'refuse')")
            let consumer = try KafkaConsumer(broker.cluster)
            try consumer.assign(topic: copies)
            try await fixture.running { _ in
                try await fixture.write(1...10)
                try await fixture.expectApplied(9, total: 50)
                let found = await soon {
                    consumer.next(timeout: .milliseconds(200)).records().contains { record in
                        record.headers.contains { $0.name == "dead-letter-reason" }
                    }
                }
                #expect(found)
            }
        }
    }
}
