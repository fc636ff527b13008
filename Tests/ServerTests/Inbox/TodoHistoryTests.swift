import Postgres
import TestKit
import Testing
import Threads

/// Random lives of workers: whatever happens, each message is applied once, in the order of its key.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct TodoHistoryTests {
    private static let workers = 8

    @Test(arguments: Seed.some(2))
    func `workers that die at any time apply each message once and in order`(
        seed: Seed
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await TodoFixture(database)
            let tally = Monitor(Tally())
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<2 {
                    group.addTask {
                        await blocking { TodoWriter(number, fixture, tally, seed).run() }
                    }
                }
                for number in 0..<Self.workers {
                    group.addTask {
                        await blocking { MortalWorker(number, fixture, tally, seed).run() }
                    }
                }
            }
            let outcome = tally.withLock { $0 }
            #expect(outcome.problems == [])
            #expect(outcome.deaths > 50)
            let applied = try await database.number("SELECT count(DISTINCT version) FROM diary")
            #expect(applied == outcome.stored)
            #expect(try await fixture.violations() == 0)
        }
    }
}

/// What writers and workers tell each other.
private struct Tally {
    var writers = 2
    var drawn = 0
    var stored = 0
    var deaths = 0
    var problems: [String] = []

    /// Versions for a batch, until there have been enough.
    mutating func draw(_ count: Int) -> ClosedRange<Int>? {
        guard drawn < 6_000 else { return nil }
        defer { drawn += count }
        return (drawn + 1)...(drawn + count)
    }
}

/// Stores messages like a lane of an inbox: its own keys, one transaction after the other.
private struct TodoWriter {
    private let lane: Int
    private let fixture: TodoFixture
    private let tally: Monitor<Tally>
    private let seed: Seed

    init(_ lane: Int, _ fixture: TodoFixture, _ tally: Monitor<Tally>, _ seed: Seed) {
        (self.lane, self.fixture, self.tally, self.seed) = (lane, fixture, tally, seed)
    }

    func run() {
        var random = SeededGenerator(seed: seed.value &+ UInt64(lane))
        defer { tally.withLock { $0.writers -= 1 } }
        do {
            let session = try fixture.session()
            while let batch = tally.withLock({ $0.draw(Int.random(in: 1...80, using: &random)) }) {
                let commits = Int.random(in: 0..<10, using: &random) > 0
                try session.run("BEGIN")
                _ = try session.query(
                    TodoFixture.storing(
                        "generate_series(\(batch.lowerBound), \(batch.upperBound))",
                        key: "CASE WHEN i % 7 > 0 THEN 'k\(lane)-' || i * 31 % 25 END"
                    )
                )
                try session.run(commits ? "COMMIT" : "ROLLBACK")
                if commits { tally.withLock { $0.stored += batch.count } }
            }
        } catch {
            tally.withLock { $0.problems.append("writer: \(error)") }
        }
    }
}

/// Takes, applies and finishes messages, and often does not come that far.
private struct MortalWorker {
    private struct Death: Error {}

    private let number: Int
    private let fixture: TodoFixture
    private let tally: Monitor<Tally>
    private var random: SeededGenerator

    init(_ number: Int, _ fixture: TodoFixture, _ tally: Monitor<Tally>, _ seed: Seed) {
        (self.number, self.fixture, self.tally) = (number, fixture, tally)
        random = SeededGenerator(seed: seed.value ^ UInt64(number + 1) << 32)
    }

    func run() {
        var worker = self
        let deadline = MonotonicTime.now + .seconds(90)
        do {
            while try !worker.live(until: deadline) {}
        } catch {
            tally.withLock { $0.problems.append("worker \(number): \(error)") }
        }
    }

    /// One session's life; true once there is nothing left to do.
    private mutating func live(until deadline: MonotonicTime) throws -> Bool {
        let session = try fixture.session()
        while deadline > .now {
            do {
                let hasEnded = tally.withLock { $0.writers == 0 }
                let count = try session.transaction { transaction in
                    try work(in: transaction)
                }
                let left = try session.query("SELECT count(*) FROM postbox.todo").int(0, 0)
                if hasEnded, count == 0, left == 0 { return true }
            } catch is Death {
                tally.withLock { $0.deaths += 1 }
            } catch let error as PostgresError where error.isConnectionLoss {
                tally.withLock { $0.deaths += 1 }
                return false
            } catch let error as PostgresError where error.sqlState?.code == "40001" {
                continue
            }
        }
        throw PostgresError.deadlinePassed(during: "the test")
    }

    private mutating func work(in transaction: borrowing PostgresTransaction) throws -> Int {
        if chance(4) {
            try transaction.run(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT FROM product LIMIT 1"
            )
        }
        let count = Int.random(in: 1...60, using: &random)
        let rows = try transaction.query(
            """
            SELECT t.id, t.key, (postbox.body(t) ->> 'version')::int8
            FROM postbox.take('shop', \(count)) AS t
            """
        )
        let applied = chance(3) ? Int.random(in: 0...rows.count, using: &random) : rows.count
        let ids = (0..<rows.count).map { rows.int64($0, 0) }
        if chance(2) {
            _ = try transaction.query(
                "INSERT INTO diary (key, version) SELECT k, v FROM unnest($1, $2) AS m (k, v)",
                [
                    .textArray((0..<applied).map { rows.textOrNil($0, 1) }),
                    .int8Array((0..<applied).map { rows.int64($0, 2) }),
                ]
            )
        } else {
            for row in 0..<applied {
                _ = try transaction.query(
                    "INSERT INTO diary (key, version) SELECT k, v FROM unnest($1, $2) AS m (k, v)",
                    [.textArray([rows.textOrNil(row, 1)]), .int8Array([rows.int64(row, 2)])]
                )
            }
        }
        if chance(6) { throw Death() }
        _ = try transaction.query("SELECT postbox.done($1)", [.int8Array(Array(ids[..<applied]))])
        if chance(2) {
            let later = "SELECT postbox.put_off($1, '5 milliseconds')"
            _ = try transaction.query(later, [.int8Array(Array(ids[applied...]))])
        }
        if chance(8) { throw Death() }
        if chance(20) { try transaction.run("SELECT pg_terminate_backend(pg_backend_pid())") }
        return rows.count
    }

    /// True once in so many times.
    private mutating func chance(_ times: Int) -> Bool {
        Int.random(in: 0..<times, using: &random) == 0
    }
}
