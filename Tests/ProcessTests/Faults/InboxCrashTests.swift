import TestKit
import Testing

/// P5: a message that makes the daemon die is set aside after two tries, alone and in a batch.
@Suite(.timeLimit(.minutes(5)))
struct InboxCrashTests {
    @Test func `a message on which the daemon dies is isolated, and the rest goes on`() async throws
    {
        try await withTestDatabase { database in
            let inbox = try await InboxUnderTest(
                database,
                BrokerKind.builtIn.broker(),
                partitions: 1
            )
            // Its handler says that it has begun, and waits to be killed.
            try await database.run("INSERT INTO bank.poison VALUES ('m500', 'wait')")
            try await inbox.write(1_000, repeating: false)
            let file = try inbox.configuration(
                instance: "a",
                lanes: 1,
                properties: [("session.timeout.ms", "4000"), ("heartbeat.interval.ms", "300")]
            )
            var deaths = 0
            while deaths < 10 {
                let daemon = try DaemonUnderTest(file)
                defer { daemon.kill() }
                let begun = "SELECT last_value + is_called::int FROM bank.waiting"
                let before = try await database.number(begun)
                let ends = try await soon {
                    let hasBegun = try await database.number(begun) > before
                    let applied = try await inbox.applied()
                    return hasBegun || applied == 999
                }
                try #require(ends, "after \(deaths) deaths\n\(daemon.log)")
                guard try await inbox.applied() < 999 else { break }
                deaths += 1
            }
            // Two within a batch and two alone; batches that are cut differently may add some.
            #expect((3..<10).contains(deaths))
            let dead = try await database.texts("SELECT message_id FROM postbox.inbox_dead_letter")
            #expect(dead == ["m500"])
            #expect(
                try await database.texts(AccountService.facts) == ["999 \(1000 * 1001 / 2 - 500) 0"]
            )
        }
    }
}
