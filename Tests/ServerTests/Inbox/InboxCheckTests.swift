import Inbox
import Messaging
import Postgres
import TestKit
import Testing

/// What `check` finds in a database.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxCheckTests {
    /// A function, what applies the messages, and what is said against it.
    struct Handler: CustomTestStringConvertible {
        let sql: String
        var isBatch = false
        let problem: String?

        var testDescription: String { problem ?? sql }

        static let all = [
            Self(sql: "(m postbox.message) RETURNS void", problem: nil),
            Self(sql: "(m postbox.message, n int DEFAULT 1) RETURNS int", problem: nil),
            Self(sql: "(m postbox.message[]) RETURNS void", isBatch: true, problem: nil),
            Self(
                sql: "(a integer, b text) RETURNS void",
                problem: "s.f takes (a integer, b text): it must take postbox.message"
            ),
            Self(
                sql: "() RETURNS void",
                isBatch: true,
                problem: "s.f takes (): it must take postbox.message[]"
            ),
            Self(
                sql: "(m postbox.message[]) RETURNS void",
                problem: "s.f takes (m postbox.message[]): it must take postbox.message, "
                    + "or be given as batch_function"
            ),
            Self(
                sql: "(m postbox.message) RETURNS void",
                isBatch: true,
                problem: "s.f takes (m postbox.message): it must take postbox.message[], "
                    + "or be given as function"
            ),
            Self(
                sql: "(m postbox.message) RETURNS SETOF int",
                problem: "s.f(postbox.message) returns a set: it must return one value, or void"
            ),
        ]
    }

    /// What makes of a schema one of an earlier version.
    private static let ages = [
        "ALTER TABLE postbox.position DROP COLUMN record_time",
        "ALTER TABLE postbox.inbox_window DROP COLUMN known_since",
        """
        DROP FUNCTION postbox.note_ids;
        CREATE FUNCTION postbox.note_ids(text, text[], timestamptz[], timestamptz, boolean)
            RETURNS bigint[] LANGUAGE sql RETURN NULL::bigint[];
        """,
    ]

    @Test(arguments: ages)
    func `a schema of an earlier version is found, and what mends it mends it`(
        age: String
    ) async throws {
        try await withTestDatabase { database in
            var definition = definition()
            definition.apply = .store
            try await database.run(InboxMigration.script(for: [definition]))
            #expect(try await problems(definition, in: database).isEmpty)
            try await database.run(age)
            #expect(
                try await problems(definition, in: database) == [
                    InboxProblem(
                        .state,
                        "schema postbox is of an earlier version: run `postbox migrate --apply`"
                    )
                ]
            )
            try await database.run(InboxMigration.script(for: [definition]))
            #expect(try await problems(definition, in: database).isEmpty)
        }
    }

    @Test(arguments: Handler.all)
    func `a function is judged by what it takes`(handler: Handler) async throws {
        try await withTestDatabase { database in
            try await database.run(InboxMigration.script(for: [definition(handler)]))
            let end = handler.sql.contains("void") ? "SELECT" : "SELECT 1"
            try await database.run(
                "CREATE SCHEMA s; CREATE FUNCTION s.f\(handler.sql) LANGUAGE sql AS '\(end)'"
            )
            let problems = try await problems(definition(handler), in: database)
            #expect(problems == (handler.problem.map { [InboxProblem(.apply, $0)] } ?? []))
        }
    }

    @Test func `what was not migrated is told, and nothing else`() async throws {
        try await withTestDatabase { database in
            let definition = definition()
            #expect(
                try await problems(definition, in: database) == [
                    InboxProblem(
                        .state,
                        "there is no schema postbox yet: run `postbox migrate --apply`"
                    )
                ]
            )
            try await database.run(InboxMigration.script(for: [definition]))
            try await database.run(
                "DROP TABLE postbox.attempt; DROP FUNCTION postbox.tend_inbox_days"
            )
            #expect(
                try await problems(definition, in: database).map(\.message) == [
                    "no table postbox.attempt: run `postbox migrate --apply`",
                    "no function postbox.tend_inbox_days: run `postbox migrate --apply`",
                    "there is no function s.f: it must take postbox.message",
                ]
            )
        }
    }

    @Test func `missing rights are told until they are granted`() async throws {
        try await withTestDatabase { database in
            let role = "weak_\(database.name)"
            let definition = definition()
            try await database.run(InboxMigration.script(for: [definition]))
            try await database.run(
                """
                CREATE ROLE \(role) LOGIN;
                CREATE SCHEMA s;
                CREATE FUNCTION s.f(m postbox.message) RETURNS void LANGUAGE sql AS 'SELECT';
                REVOKE EXECUTE ON FUNCTION s.f FROM PUBLIC;
                """
            )
            #expect(
                try await problems(definition, in: database, as: role).map(\.message) == [
                    "no right to use schema postbox: GRANT USAGE ON SCHEMA postbox"
                ]
            )
            try await database.run("GRANT USAGE ON SCHEMA postbox TO \(role)")
            let told = try await problems(definition, in: database, as: role).map(\.message)
            #expect(
                told.contains(
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON postbox.position to Postbox's role"
                )
            )
            #expect(
                told.suffix(3) == [
                    "GRANT EXECUTE ON FUNCTION postbox.tend_inbox_days(ahead integer) "
                        + "to Postbox's role",
                    "GRANT USAGE ON SCHEMA s to Postbox's role",
                    "GRANT EXECUTE ON FUNCTION s.f(postbox.message) to Postbox's role",
                ]
            )
            try await database.run(InboxMigration.grants(for: [definition], to: role))
            try await database.run(
                "GRANT USAGE ON SCHEMA s TO \(role); GRANT EXECUTE ON FUNCTION s.f TO \(role)"
            )
            #expect(try await problems(definition, in: database, as: role) == [])
            try await database.run("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    private func definition(_ handler: Handler? = nil) -> InboxDefinition {
        let name = Messaging.QualifiedName(schema: "s", name: "f")
        return InboxDefinition(
            name: "delivery",
            database: "db",
            kafka: "main",
            topics: ["t"],
            apply: handler?.isBatch == true ? .batchFunction(name) : .function(name)
        )
    }

    private func problems(
        _ definition: InboxDefinition,
        in database: TestDatabase,
        as role: String? = nil
    ) async throws -> [InboxProblem] {
        let target = try database.target()
        return try await database.connection.withSession { _ in
            // One that has prepared nothing yet, as a command has.
            let session = try PostgresSession(connectingTo: target, within: .seconds(30))
            if let role { try session.run("SET ROLE \(role)") }
            return try InboxCheck.problems(of: definition, in: session)
        }
    }
}
