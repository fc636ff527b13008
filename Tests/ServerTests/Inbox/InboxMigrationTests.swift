import Inbox
import Messaging
import Postgres
import TestKit
import Testing

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxMigrationTests {
    private let definition = InboxDefinition(
        name: "delivery",
        database: "db",
        kafka: "main",
        topics: ["t"],
        apply: .function(Messaging.QualifiedName(schema: "public", name: "on_message"))
    )

    @Test(arguments: ["postbox", "It's \"mine\" \\"])
    func `it may run again, in whatever schema`(schema: String) async throws {
        try await withTestDatabase { database in
            var stored = definition
            stored.apply = .store
            let script = try InboxMigration.script(for: [definition, stored], schema: schema)
            for _ in 0..<2 { try await database.run("BEGIN; \(script) COMMIT") }
            let quoted = try quotedIdentifier(schema)
            try await database.run("SELECT \(quoted).tend_inbox_days(1)")
            #expect(try await days(database) == ["-1", "0", "1"])
        }
    }

    @Test func `days are there from the longest window's first to those ahead, and none before`()
        async throws
    {
        try await withTestDatabase { database in
            try await database.run(InboxMigration.script(for: [definition]))
            try await database.run(
                """
                INSERT INTO postbox.inbox_window VALUES ('a', 1), ('b', 3);
                SELECT postbox.tend_inbox_days(2);
                """
            )
            #expect(try await days(database) == (-4...2).map { "\($0)" })
            try await database.run(
                "DELETE FROM postbox.inbox_window WHERE inbox = 'b'; "
                    + "SELECT postbox.tend_inbox_days(2)"
            )
            #expect(try await days(database) == (-2...2).map { "\($0)" })
            // Without any window nobody has said what may be forgotten.
            try await database.run(
                "DELETE FROM postbox.inbox_window; SELECT postbox.tend_inbox_days(0)"
            )
            #expect(try await days(database) == (-2...2).map { "\($0)" })
        }
    }

    @Test func `a message of each day of the window finds its place, once`() async throws {
        try await withTestDatabase { database in
            try await database.run(InboxMigration.script(for: [definition]))
            try await database.run(
                """
                INSERT INTO postbox.inbox_window VALUES ('delivery', 7);
                SELECT postbox.tend_inbox_days(2);
                """
            )
            for _ in 0..<2 {
                try await database.run(
                    """
                    INSERT INTO postbox.inbox
                    SELECT 'delivery', 'm' || i, (now() AT TIME ZONE 'UTC')::date - i
                    FROM generate_series(-2, 8) AS i
                    ON CONFLICT DO NOTHING
                    """
                )
            }
            #expect(try await database.number("SELECT count(*) FROM postbox.inbox") == 11)
        }
    }

    @Test func `many may ask for the days at once`() async throws {
        try await withTestDatabase { database in
            try await database.run(InboxMigration.script(for: [definition]))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    let connection = PostgresConnection(
                        to: try database.target(),
                        name: "tender-\(number)"
                    )
                    group.addTask {
                        try await connection.run("SELECT postbox.tend_inbox_days(20)")
                        await connection.disconnect()
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await days(database).count == 22)
        }
    }

    @Test func `a day in use is dropped the next time, and the missing ones are made`() async throws
    {
        try await withTestDatabase { database in
            try await database.run(InboxMigration.script(for: [definition]))
            try await database.run(
                """
                INSERT INTO postbox.inbox_window VALUES ('a', 3);
                SELECT postbox.tend_inbox_days(0);
                UPDATE postbox.inbox_window SET days = 1;
                """
            )
            let reader = PostgresConnection(to: try database.target(), name: "reader")
            try await reader.run("BEGIN; SELECT * FROM postbox.inbox")
            try await database.run("SELECT postbox.tend_inbox_days(1)")
            #expect(try await days(database) == (-4...1).map { "\($0)" })
            try await reader.run("COMMIT")
            await reader.disconnect()
            try await database.run("SELECT postbox.tend_inbox_days(1)")
            #expect(try await days(database) == (-2...1).map { "\($0)" })
        }
    }

    /// The days that have a partition, counted from today.
    private func days(_ database: TestDatabase) async throws -> [String?] {
        try await database.texts(
            """
            SELECT (to_date(right(relname, 8), 'YYYYMMDD') - (now() AT TIME ZONE 'UTC')::date)
            FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
            WHERE relkind = 'r'
            ORDER BY relname
            """
        )
    }
}
