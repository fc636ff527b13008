import Kafka
import Messaging
import Outbox
import Postgres
import Synchronization
import Telemetry
import TestKit
import Testing
import Threads

/// What a lane says of itself while something is wrong, and how it goes on.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct OutboxStateTests {
    @Test func `a connection that broke is forgotten under load, at the next acknowledgement`()
        async throws
    {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            guard case .builtIn(let mock) = broker else { return }
            let fixture = try await OutboxFixture(database, broker)
            try mock.setRoundTrip(.milliseconds(200))
            let isLoading = Flag()
            try await fixture.running {
                async let load: Void = Self.load(fixture, while: isLoading)
                #expect(await fixture.reader.has(distinct: 100))
                try mock.setDown()
                try await fixture.expectSoon {
                    fixture.engine.status().first?.state == .unreachable
                }
                try mock.setUp()
                // Under load there is always something in flight.
                try await fixture.expectSoon {
                    fixture.engine.status().first?.state == .publishing
                }
                isLoading.lower()
                try await load
                try await fixture.expectEmptySoon()
            }
        }
    }

    private static func load(_ fixture: OutboxFixture, while flag: Flag) async throws {
        while flag.isUp { try await fixture.insert(5) }
    }

    @Test func `a lane that is stopped says so until it goes on`() async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.onFailure = .stop
                $0.retry = RetryPolicy(
                    maxAttempts: 2,
                    first: .milliseconds(1),
                    max: .milliseconds(2)
                )
            }
            try await fixture.running {
                let refused = try await fixture.insert(1, topic: "not a topic!")
                try await fixture.expectSoon {
                    fixture.engine.status().first?.state == .stopped
                }
                let looks = Mutex(0)
                try await fixture.expectSoon {
                    #expect(fixture.engine.status().first?.state == .stopped)
                    return looks.withLock { looks in
                        looks += 1
                        return looks > 100
                    }
                }
                try await database.run("DELETE FROM postbox.outbox WHERE id = \(refused[0])")
                try await fixture.expectSoon {
                    fixture.engine.status().first?.state == .publishing
                }
            }
        }
    }

    @Test func `what fails at once, again and again, is tried ever less often`() async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            let complaints = Mutex<[MonotonicTime]>([])
            let log = Log(level: .warning) { line in
                guard line.contains("interrupted") else { return }
                complaints.withLock { $0.append(.now) }
            }
            let engine = try OutboxFixture.engine(
                fixture.definition,
                database,
                fixture.broker,
                instance: "test",
                log: log
            )
            try await database.run(
                "ALTER TABLE postbox.parked ADD CONSTRAINT no_room CHECK (topic <> 'not a topic!')"
            )
            try await OutboxFixture.running(engine) {
                try await fixture.insert(1, keys: 1, topic: "not a topic!")
                try await fixture.expectSoon { complaints.withLock(\.count) >= 8 }
                let times = complaints.withLock { $0 }
                #expect(times[7] - times[0] > .seconds(2))
                try await database.run("ALTER TABLE postbox.parked DROP CONSTRAINT no_room")
                try await fixture.expectSoon {
                    try await database.number("SELECT count(*) FROM postbox.dead_letter") == 1
                }
            }
        }
    }
}

/// Something that one task tells another.
private final class Flag: Sendable {
    private let state = Mutex(true)

    var isUp: Bool { state.withLock { $0 } }

    func lower() { state.withLock { $0 = false } }
}
