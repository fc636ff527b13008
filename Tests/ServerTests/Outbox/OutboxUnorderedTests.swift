import Kafka
import Messaging
import Outbox
import Postgres
import TestKit
import Testing

/// `order: none`: a table without a column that rises with insertion.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct OutboxUnorderedTests {
    private static let table = """
        CREATE SCHEMA app;
        CREATE TABLE app.event (
            uid uuid PRIMARY KEY DEFAULT gen_random_uuid(), target text, subject text, body jsonb,
            due timestamptz)
        """

    private func fixture(
        _ database: TestDatabase,
        _ kind: BrokerKind,
        lanes: Int = 1
    ) async throws -> OutboxFixture {
        try await database.run(Self.table)
        return try await OutboxFixture(database, kind.broker()) { definition in
            definition.table = QualifiedName(schema: "app", name: "event")
            definition.order = .none
            definition.onFailure = .skip
            definition.lanes = lanes
            definition.columns = OutboxColumns(
                messageID: "uid",
                topic: "target",
                key: "subject",
                type: nil,
                payload: "body",
                headers: nil,
                availableAt: "due",
                createdAt: nil
            )
        }
    }

    /// Everything that waits, wherever it waits.
    private static let waiting = """
        SELECT (SELECT count(*) FROM app.event) + (SELECT count(*) FROM postbox.intake_shop)
        """

    @Test(arguments: BrokerKind.available, [1, 3])
    func `every committed row is published once, and no other`(
        kind: BrokerKind,
        lanes: Int
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await fixture(database, kind, lanes: lanes)
            try await database.run(Self.insert(9_000, into: fixture.topic))
            let late = try PostgresSession(
                connectingTo: database.target(),
                within: .seconds(30)
            )
            try late.run("BEGIN; " + Self.insert(100, into: fixture.topic))
            let gone = try PostgresSession(
                connectingTo: database.target(),
                within: .seconds(30)
            )
            try gone.run("BEGIN; " + Self.insert(100, into: fixture.topic))
            var uids = Set(try await database.texts("SELECT uid::text FROM app.event"))
            try await fixture.running {
                try await fixture.expectSoon {
                    try await database.number(Self.waiting) == 0
                }
                let rows = try late.query("SELECT uid::text FROM app.event")
                uids.formUnion((0..<rows.count).map { rows.text($0, 0) })
                try late.run("COMMIT")
                try gone.run("ROLLBACK")
                // The next row has the first place again.
                try await database.run("VACUUM app.event")
                try await database.run(Self.insert(1, into: fixture.topic))
                try await fixture.expectSoon {
                    try await database.number(Self.waiting) == 0
                }
            }
            let published = try fixture.messageIDs(9_101)
            #expect(published.count == 9_101 && Set(published).count == 9_101)
            #expect(uids.isSubset(of: published))
        }
    }

    @Test func `a refused row is a dead letter, a delayed one waits, and the others pass`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await fixture(database, .builtIn)
            try await database.run(
                """
                INSERT INTO app.event (target, subject, body, due) VALUES
                    ('\(fixture.topic)', 'a', '1', NULL),
                    ('\(fixture.topic)', 'a', to_jsonb(repeat('x', 2000000)), NULL),
                    ('\(fixture.topic)', 'a', '2', NULL),
                    ('\(fixture.topic)', 'a', '3', now() + interval '1 hour')
                """
            )
            let large = "SELECT uid::text FROM app.event WHERE length(body::text) > 1000000"
            let uid = try await database.texts(large)
            try await fixture.running {
                #expect(try fixture.messageIDs(2).count == 2)
                try await fixture.expectSoon {
                    try await database.number("SELECT count(*) FROM postbox.dead_letter") == 1
                }
            }
            let dead = "SELECT message_id FROM postbox.dead_letter"
            #expect(try await database.texts(dead) == uid)
            #expect(try await database.number(Self.waiting) == 1)
        }
    }

    @Test func `large rows are moved a few at a time`() async throws {
        try await withTestDatabase { database in
            let fixture = try await fixture(database, .builtIn)
            try await database.run(
                """
                CREATE TABLE app.moved (count bigint);
                CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO app.moved SELECT count(*) FROM n; RETURN NULL; END $$;
                CREATE TRIGGER note AFTER INSERT ON postbox.intake_shop
                    REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION app.note();
                ALTER TABLE app.event ALTER body SET STORAGE EXTERNAL;
                INSERT INTO app.event (target, body)
                SELECT '\(fixture.topic)', to_jsonb(repeat('x', 30000000))
                FROM generate_series(1, 3)
                """
            )
            try await fixture.running {
                try await fixture.expectSoon {
                    try await database.number("SELECT count(*) FROM postbox.dead_letter") == 3
                }
            }
            #expect(try await database.number("SELECT max(count) FROM app.moved") == 1)
            #expect(try await database.number(Self.waiting) == 0)
        }
    }

    @Test func `a lane whose epoch is over moves nothing`() async throws {
        try await withTestDatabase { database in
            let fixture = try await fixture(database, .builtIn)
            try await fixture.running {
                try await fixture.expectSoon {
                    try await database.number("SELECT count(*) FROM postbox.lane") == 1
                }
                // Another owner: what this one numbers or publishes from now on does not count.
                try await database.run(
                    """
                    UPDATE postbox.lane SET epoch = epoch + 1, owner = 'other',
                        expires_at = now() + interval '1 hour', owner_pid = pg_backend_pid();
                    \(Self.insert(1, into: fixture.topic))
                    """
                )
                try await fixture.expectSoon {
                    fixture.engine.status().first?.state == .standby
                }
                #expect(try await database.number("SELECT count(*) FROM app.event") == 1)
            }
        }
    }

    @Test func `the table is left as it is, and reading and deleting is all it takes`()
        async throws
    {
        try await withTestDatabase { database in
            let columns = """
                SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute
                WHERE attrelid = 'app.event'::regclass AND attnum > 0
                """
            let fixture = try await fixture(database, .builtIn)
            #expect(try await database.texts(columns) == ["uid target subject body due"])
            try await database.run(
                """
                DROP ROLE IF EXISTS postbox_unordered; CREATE ROLE postbox_unordered;
                GRANT USAGE ON SCHEMA app TO postbox_unordered;
                GRANT SELECT, DELETE ON app.event TO postbox_unordered
                """
            )
            let grants = try OutboxMigration.grants(
                for: [fixture.definition],
                to: "postbox_unordered"
            )
            try await database.run(grants)
            let definition = fixture.definition
            let problems = try await database.connection.withSession { session in
                try session.run("SET ROLE postbox_unordered")
                defer { try? session.run("RESET ROLE; DROP OWNED BY postbox_unordered") }
                return try OutboxCheck.problems(of: definition, in: session)
            }
            #expect(problems.isEmpty, "\(problems)")
            try await database.run("DROP TABLE postbox.intake_shop")
            let missing = try await database.connection.withSession { session in
                try OutboxCheck.problems(of: definition, in: session)
            }
            #expect(missing.map(\.message).joined().contains("no table postbox.intake_shop"))
        }
    }

    private static func insert(_ count: Int, into topic: String) -> String {
        """
        INSERT INTO app.event (target, subject, body)
        SELECT '\(topic)', 'k' || i % 20, to_jsonb(i) FROM generate_series(1, \(count)) AS i
        """
    }
}

extension OutboxFixture {
    /// The headers `message-id` of all records, once there are so many.
    fileprivate func messageIDs(_ count: Int) throws -> [String] {
        let consumer = try KafkaConsumer(broker.cluster)
        try consumer.assign(topic: topic)
        return consumer.records(count).compactMap { record in
            record.headers.first { $0.name == "message-id" }?.value
                .map { String(decoding: $0, as: UTF8.self) }
        }
    }
}
