import Postgres
import TestKit
import Threads

/// Services that write without a pause, each message under the lock of its key's own row.
///
/// Some of their transactions roll back. They keep a few thousand messages ahead of the reader, so
/// that there is always work and never a mountain of it.
final class LoadWriter: Sendable {
    private struct Progress: Sendable {
        var committed = 0
        var isWanted = true
        var working: Int
        var problems: [String] = []
    }

    private struct ChangedItsMind: Error {}

    private static let lead = 3_000

    private let progress: Monitor<Progress>

    init(_ outbox: OutboxUnderTest, seed: Seed, writers: Int = 2) throws {
        progress = Monitor(Progress(working: writers))
        let target = try outbox.database.target(applicationName: "writer")
        for number in 0..<writers {
            let seed = Seed(seed.value &+ UInt64(number))
            startThread(named: "writer") {
                [progress, topic = outbox.topic, reader = outbox.reader] in
                do {
                    let session = try PostgresSession(connectingTo: target, within: .seconds(10))
                    try Self.write(through: session, to: topic, reader, seed, progress)
                } catch {
                    progress.withLock { $0.problems.append("\(error)") }
                }
                progress.withLock { $0.working -= 1 }
            }
        }
    }

    deinit { progress.withLock { $0.isWanted = false } }

    /// What went wrong; nothing should.
    var problems: [String] { progress.withLock { $0.problems } }

    /// Stops the writing, and gives how many messages were committed.
    func finish() async -> Int {
        await blocking { [progress] in
            progress.withLock { $0.isWanted = false }
            _ = progress.wait(timeout: .seconds(30)) { $0.working == 0 ? true : nil }
            return progress.withLock { $0.committed }
        }
    }

    private static func write(
        through session: PostgresSession,
        to topic: String,
        _ reader: TopicReader,
        _ seed: Seed,
        _ progress: Monitor<Progress>
    ) throws {
        var random = seed.makeGenerator()
        while progress.withLock({ $0.isWanted }) {
            let keys = (0..<Int.random(in: 1...20, using: &random)).map { _ in
                "k\(Int.random(in: 1...OutboxUnderTest.keyCount, using: &random))"
            }
            let isKept = Int.random(in: 0..<20, using: &random) > 0
            do {
                let rows = try session.transaction { transaction in
                    let rows = try insert(keys, to: topic, in: transaction)
                    guard isKept else { throw ChangedItsMind() }
                    return rows
                }
                note(rows, reader, progress)
            } catch is ChangedItsMind {
                continue
            }
        }
    }

    private static func insert(
        _ keys: [String],
        to topic: String,
        in transaction: borrowing PostgresTransaction
    ) throws -> [(id: Int64, key: String?)] {
        _ = try transaction.query(
            "SELECT key FROM public.product WHERE key = ANY ($1) ORDER BY key FOR UPDATE",
            [.textArray(keys)]
        )
        let rows = try transaction.query(
            """
            INSERT INTO postbox.outbox (topic, key, type, payload, headers)
            SELECT $1, changed.key, 'changed', 'hello', '{"a": "1", "b": "zwei"}'
            FROM unnest($2) WITH ORDINALITY AS changed (key, place)
            ORDER BY changed.place
            RETURNING id, key
            """,
            [.text(topic), .textArray(keys)]
        )
        return (0..<rows.count).map { (id: rows.int64($0, 0), key: rows.textOrNil($0, 1)) }
    }

    private static func note(
        _ rows: [(id: Int64, key: String?)],
        _ reader: TopicReader,
        _ progress: Monitor<Progress>
    ) {
        reader.noteCommitted(rows)
        let committed = progress.withLock { progress in
            progress.committed += rows.count
            return progress.committed
        }
        _ = reader.wait(forDistinct: committed - lead, timeout: .milliseconds(50))
    }
}
