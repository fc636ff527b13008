import Messaging
import Postgres
import TestKit
import Testing

@testable import Outbox

/// What a table must be like, and what becomes of rows where it is not.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct OutboxTableTests {
    /// A table of one's own, and what `check` finds wrong with its id.
    struct Shape: CustomTestStringConvertible {
        let testDescription: String
        let sql: String
        var problem: OutboxProblem.Part?
    }

    private static let shapes = [
        Shape(
            testDescription: "an index that is not unique",
            sql:
                "CREATE TABLE app.event (n bigint NOT NULL, b text); CREATE INDEX ON app.event (n)",
            problem: .index
        ),
        Shape(
            testDescription: "a unique index on some rows",
            sql: """
                CREATE TABLE app.event (n bigint NOT NULL, b text);
                CREATE UNIQUE INDEX ON app.event (n) WHERE n > 10
                """,
            problem: .index
        ),
        Shape(
            testDescription: "a unique index on two columns",
            sql: "CREATE TABLE app.event (n bigint, b text, PRIMARY KEY (n, b))",
            problem: .index
        ),
        Shape(
            testDescription: "an id that may be NULL",
            sql: "CREATE TABLE app.event (n bigint UNIQUE, b text)",
            problem: .column("id")
        ),
        Shape(
            testDescription: "a unique index that has another column with it",
            sql: """
                CREATE TABLE app.event (n int NOT NULL, b text);
                CREATE UNIQUE INDEX ON app.event (n) INCLUDE (b)
                """
        ),
        Shape(
            testDescription: "a partitioned table",
            sql: """
                CREATE TABLE app.event (n bigint, b text, PRIMARY KEY (n, b)) PARTITION BY LIST (b);
                CREATE TABLE app.event_all PARTITION OF app.event DEFAULT
                """
        ),
    ]

    private static func definition(topic: String) -> OutboxDefinition {
        OutboxDefinition(
            name: "shop",
            database: "db",
            kafka: "kafka",
            table: Messaging.QualifiedName(schema: "app", name: "event"),
            columns: OutboxColumns(
                id: "n",
                messageID: nil,
                topic: nil,
                key: nil,
                type: nil,
                payload: "b",
                headers: nil,
                availableAt: nil,
                createdAt: nil
            ),
            topic: TopicTemplate(topic)
        )
    }

    @Test(arguments: shapes)
    func `check wants an id that names one row`(shape: Shape) async throws {
        try await withTestDatabase { database in
            let definition = Self.definition(topic: "t")
            try await database.run("CREATE SCHEMA app; \(shape.sql)")
            try await database.run(OutboxMigration.script(for: [definition]))
            let problems = try await database.connection.withSession { session in
                try OutboxCheck.problems(of: definition, in: session)
            }
            #expect(problems.map(\.part) == [shape.problem].compactMap(\.self), "\(problems)")
            #expect(problems.count { $0.isWarning } == 0)
        }
    }

    @Test func `rows that cannot be told apart stay until they can`() async throws {
        try await withTestDatabase { database in
            try await database.run(
                "CREATE SCHEMA app; CREATE TABLE app.event (n bigint NOT NULL, b text)"
            )
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            let engine = try OutboxFixture.engine(
                Self.definition(topic: fixture.topic),
                database,
                fixture.broker,
                instance: "test"
            )
            try await database.run("INSERT INTO app.event VALUES (1, 'a'), (1, 'b')")
            async let life: Void = engine.run()
            try await fixture.expectSoon {
                engine.status().first?.lastError?.contains("CREATE UNIQUE INDEX") ?? false
            }
            #expect(try await database.number("SELECT count(*) FROM app.event") == 2)
            try await database.run(
                """
                UPDATE app.event SET n = 2 WHERE b = 'b'; CREATE UNIQUE INDEX ON app.event (n)
                """
            )
            #expect(await fixture.reader.has(distinct: 2))
            engine.stop(grace: .seconds(20))
            await life
        }
    }

    @Test func `whoever writes to a partition is a writer of its table`() async throws {
        try await withTestDatabase { database in
            try await database.run(
                """
                CREATE SCHEMA app;
                CREATE TABLE app.event (n bigint, b text) PARTITION BY LIST (b);
                CREATE TABLE app.some PARTITION OF app.event DEFAULT PARTITION BY LIST (b);
                CREATE TABLE app.most PARTITION OF app.some DEFAULT;
                CREATE TABLE app.other (n bigint)
                """
            )
            let statement = try StateStatements(schema: "postbox").listWriters
            let writer = try PostgresSession(connectingTo: database.target(), within: .seconds(30))
            for (insertion, count) in [
                ("app.most VALUES (1, 'a')", 1), ("app.event VALUES (1, 'a')", 1),
                ("app.other VALUES (1)", 0),
            ] {
                try writer.run("BEGIN; INSERT INTO \(insertion)")
                let found = try await database.connection.withSession { session in
                    try session.query(statement, [.text("\"app\".\"event\"")]).count
                }
                #expect(found == count, "\(insertion)")
                try writer.run("ROLLBACK")
            }
        }
    }

    @Test func `a statement sees what is there, whatever the role's settings are`() async throws {
        try await withTestDatabase { database in
            try await database.run(
                "ALTER DATABASE \(database.name) SET default_transaction_isolation = 'repeatable read'"
            )
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            try await database.run(
                """
                CREATE TABLE seen (level text);
                CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO public.seen VALUES (current_setting('transaction_isolation'));
                    RETURN NULL;
                END $$;
                CREATE TRIGGER note AFTER DELETE ON postbox.outbox EXECUTE FUNCTION note()
                """
            )
            try await fixture.running {
                try await fixture.insert(10)
                try await fixture.expectEmptySoon()
            }
            #expect(
                try await database.texts("SELECT DISTINCT level FROM seen") == ["read committed"]
            )
        }
    }

    @Test func `an intake that was cut by size goes on where it stopped`() async throws {
        try await withTestDatabase { database in
            var definition = Self.definition(topic: "t")
            definition.order = .none
            try await database.run(
                """
                CREATE SCHEMA app; CREATE TABLE app.event (b text);
                ALTER TABLE app.event ALTER b SET STORAGE EXTERNAL;
                INSERT INTO app.event SELECT repeat('x', 9000000) FROM generate_series(1, 5)
                """
            )
            try await database.run(OutboxMigration.script(for: [definition]))
            try await database.run(
                "INSERT INTO postbox.lane VALUES ('shop', 0, 1, 'me', 1, 1, 'infinity')"
            )
            let (source, ordered) = (definition, definition.ordered(in: "postbox"))
            let steps = try await database.connection.withSession { session in
                let statement = try OutboxStatements(
                    OutboxTable(ordered, in: session),
                    from: OutboxTable(source, in: session),
                    schema: "postbox"
                ).intake
                let intake = try #require(statement)
                var pace = IntakePace()
                return try (0..<3).map { _ in
                    let rows = try session.query(
                        intake,
                        [.text("shop"), .int4(0), .int8(1), .int8(4000), .text(pace.place)]
                    )
                    pace.note(last: rows.text(0, 2), hasMore: rows.bool(0, 1))
                    return pace.place
                }
            }
            #expect(steps == ["(0,2)", "(0,4)", "(0,0)"])
        }
    }
}
