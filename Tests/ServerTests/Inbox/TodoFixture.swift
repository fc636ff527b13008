import Messaging
import Postgres
import TestKit

@testable import Inbox

/// The tables of `apply: { store: true }` in a test's own database, and a business table with a diary.
struct TodoFixture {
    let database: TestDatabase

    init(_ database: TestDatabase) async throws {
        self.database = database
        let inbox = InboxDefinition(
            name: "shop",
            database: "db",
            kafka: "kafka",
            topics: ["products"],
            apply: .store
        )
        try await database.run(InboxMigration.script(for: [inbox]))
        try await database.run(Self.business)
        let store = sqlText("store").replacing("{{schema}}", with: "postbox")
            .replacing("{{messages}}", with: "$1")
        try await database.run(
            """
            CREATE FUNCTION store(postbox.message[]) RETURNS bigint
            LANGUAGE sql AS $store$ \(store) $store$
            """
        )
    }

    private static let business = """
        CREATE TABLE product (id text PRIMARY KEY, body jsonb NOT NULL);
        CREATE TABLE diary (
            id bigint GENERATED ALWAYS AS IDENTITY,
            worker text NOT NULL DEFAULT current_setting('application_name'),
            key text,
            version bigint NOT NULL
        );
        CREATE FUNCTION write_diary() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO diary (key, version) VALUES (new.id, (new.body ->> 'version')::bigint);
            RETURN NULL;
        END
        $$;
        CREATE TRIGGER write_diary AFTER INSERT OR UPDATE ON product
            FOR EACH ROW EXECUTE FUNCTION write_diary();
        """

    /// A statement that stores messages as an inbox does: one for each number, with its key.
    static func storing(_ numbers: String, key: String) -> String {
        """
        SELECT store(
            array_agg(ROW('shop', 'products', 0, i, 'm' || i, 'priced', \(key),
                convert_to('{"version": ' || i || '}', 'UTF8'), NULL, now(), 1)::postbox.message
                ORDER BY i))
        FROM \(numbers) AS i
        """
    }

    func store(_ numbers: ClosedRange<Int>, key: String) async throws {
        try await database.run(
            Self.storing("generate_series(\(numbers.lowerBound), \(numbers.upperBound))", key: key)
        )
    }

    func session() throws -> PostgresSession {
        try PostgresSession(connectingTo: try database.target(), within: patience)
    }

    /// The versions that a session's transaction gets.
    static func take(_ count: Int, in session: PostgresSession) throws -> [Int] {
        let rows = try session.query(
            """
            SELECT (postbox.body(t) ->> 'version')::int8
            FROM postbox.take('shop', \(count)) AS t
            """
        )
        return (0..<rows.count).map { rows.int($0, 0) }
    }

    /// How often the diary tells of a message again, or after a later one of its key.
    func violations() async throws -> Int64 {
        try await database.number(
            """
            SELECT count(*) FROM (
                SELECT version <= lag(version) OVER (PARTITION BY key ORDER BY id) AS is_late,
                    count(*) OVER (PARTITION BY version) AS times, key
                FROM diary
            ) AS d
            WHERE is_late AND key IS NOT NULL OR times > 1
            """
        )
    }
}
