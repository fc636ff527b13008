import Inbox
import Messaging
import Postgres
import TestKit
import Testing

/// To forget a day costs the same, however many messages it had.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxPurgeTests {
    private static let idCount = 1_000_000

    @Test func `a day of a million ids is dropped whole, and its neighbours stay`() async throws {
        // A server of its own: what others write into its log would count.
        let server = try PostgresPrivateServer(settings: ["autovacuum": "off"])
        try await withTestDatabase(on: server) { database in
            let day = try await fill(database)
            let log = try await database.texts("SELECT pg_current_wal_insert_lsn()")
            let start = try #require(log.first ?? nil)
            let before = try await processorTime(database)
            let time = try await ContinuousClock().measure {
                try await database.run("SELECT postbox.tend_inbox_days(2)")
            }
            let used = try await processorTime(database) - before
            let written = try await database.number(
                "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '\(start)')"
            )
            let milliseconds = Int(time / .milliseconds(1))
            print(
                "purge of \(Self.idCount) ids: \(milliseconds) ms, \(Int(used / .milliseconds(1)))",
                "of them on a processor, \(written) bytes of WAL"
            )

            #expect(try await database.texts("SELECT to_regclass('\(day)')") == [nil])
            let left = try await database.texts(
                """
                SELECT (now() AT TIME ZONE 'UTC')::date - day || ' ' || count(*)
                FROM postbox.inbox GROUP BY day ORDER BY day
                """
            )
            #expect(left == ["3 10", "2 10"])
            #expect(written < 1 << 20)
            // Meant are 100 ms, which the line above tells of; the system takes a share of it to remove
            // files, and more on a machine that does other things. Rows one by one are a second or more.
            #expect(used < .milliseconds(300))
        }
    }

    /// What the server's process for our session has used of a processor.
    private func processorTime(_ database: TestDatabase) async throws -> Duration {
        let figures = "split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::int8"
        return .nanoseconds(try await database.number("SELECT \(figures)"))
    }

    /// Fills the oldest day, and less of those after it; then nobody needs the oldest any more.
    ///
    /// Returns the name of its table.
    private func fill(_ database: TestDatabase) async throws -> String {
        let definition = InboxDefinition(
            name: "delivery",
            database: "db",
            kafka: "main",
            topics: ["t"],
            apply: .store
        )
        try await database.run(InboxMigration.script(for: [definition]))
        try await database.run(
            """
            INSERT INTO postbox.inbox_window VALUES ('delivery', 3);
            SELECT postbox.tend_inbox_days(2);
            """
        )
        let slice = Self.idCount / 10
        for first in stride(from: 1, to: Self.idCount, by: slice) {
            try await note(first..<first + slice, daysAgo: 4, database)
        }
        for ago in [3, 2] { try await note(1..<11, daysAgo: ago, database) }
        try await database.run("UPDATE postbox.inbox_window SET days = 2")
        let days = try await database.texts(
            "SELECT min(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'postbox.inbox'::regclass"
        )
        return try #require(days.first ?? nil)
    }
    private func note(_ ids: Range<Int>, daysAgo: Int, _ database: TestDatabase) async throws {
        try await database.run(
            """
            INSERT INTO postbox.inbox
            SELECT 'delivery', 'message-' || i, (now() AT TIME ZONE 'UTC')::date - \(daysAgo)
            FROM generate_series(\(ids.lowerBound), \(ids.upperBound - 1)) AS i
            """
        )
    }
}
