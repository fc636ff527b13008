import TestKit
import Testing
import Threads

@Suite(.timeLimit(.minutes(5)))
struct MigrateCommandTests {
    @Test func `without --apply it prints SQL and changes nothing`() async throws {
        try await withTestDatabase { database in
            let file = try ConfigurationFile(database: database.conninfo)
            let result = try await PostboxBinary.run(["migrate", "--config", file.path])
            #expect(result.code == 0)
            #expect(result.errors == "")
            #expect(result.output.contains("CREATE TABLE"))
            let made = try await database.number(
                "SELECT count(*) FROM pg_namespace WHERE nspname = 'postbox'"
            )
            #expect(made == 0)
        }
    }

    @Test func `--apply makes the tables, and may run again`() async throws {
        try await withTestDatabase { database in
            let file = try ConfigurationFile(database: database.conninfo)
            for _ in 0..<2 {
                let result = try await PostboxBinary.run([
                    "migrate", "--apply", "--config", file.path,
                ])
                #expect(result.code == 0, "\(result.errors)")
                #expect(result.output == "database shop: applied\n")
            }
            let made = try await database.number(
                "SELECT count(*) FROM pg_class WHERE oid = to_regclass('postbox.outbox')"
            )
            #expect(made == 1)
        }
    }

    @Test func `what is printed is what psql can run`() async throws {
        try await withTestDatabase { database in
            let file = try ConfigurationFile(database: database.conninfo)
            let script = try await PostboxBinary.run(["migrate", "--config", file.path]).output
            try await database.run(script)
            let again = try await PostboxBinary.run(["migrate", "--apply", "--config", file.path])
            #expect(again.code == 0, "\(again.errors)")
        }
    }

    @Test func `another role may apply it`() async throws {
        try await withTestDatabase { database in
            let weak = "weak_\(database.name)"
            try await database.run("CREATE ROLE \(weak) LOGIN")
            let url = database.conninfo.replacing("user=postgres", with: "user=\(weak)")
            let file = try ConfigurationFile(database: url)
            let words = ["migrate", "--apply", "--config", file.path]
            let refused = try await PostboxBinary.run(words)
            #expect(refused.code == 1)
            #expect(refused.errors.contains("database shop: "))
            #expect(refused.errors.contains("--database-url takes a role that may do this"))
            let applied = try await PostboxBinary.run(
                words + ["--database-url", database.conninfo]
            )
            #expect(applied.code == 0, "\(applied.errors)")
            #expect(applied.output.contains("; \(weak) has the rights that the daemon needs"))
            try await database.run("DROP OWNED BY \(weak); DROP ROLE \(weak)")
        }
    }

    @Test func `the daemon's role gets what it needs of another's tables`() async throws {
        try await withTestDatabase { database in
            let weak = "weak_\(database.name)"
            try await database.run(
                """
                CREATE ROLE \(weak) LOGIN;
                CREATE SCHEMA sales;
                CREATE TABLE sales.event (seq bigint, body bytea);
                """
            )
            let url = database.conninfo.replacing("user=postgres", with: "user=\(weak)")
            let file = try ConfigurationFile(
                database: url,
                outbox: "name: shop, database: shop, settle: archive",
                more: """
                      - name: sales
                        database: shop
                        table: sales.event
                        columns: { id: seq, message_id: none, topic: none, key: none, type: none,
                          payload: body, headers: none, available_at: none, created_at: none }
                        topic: sales
                    inboxes:
                      - { name: delivery, database: shop, topics: t, apply: { function: f } }
                    """
            )
            let words = ["migrate", "--apply", "--config", file.path]
            let applied = try await PostboxBinary.run(
                words + ["--database-url", database.conninfo]
            )
            #expect(applied.code == 0, "\(applied.errors)")
            try await database.run(
                """
                SET ROLE \(weak);
                DELETE FROM sales.event WHERE seq = 1;
                DELETE FROM postbox.outbox WHERE id = 1;
                DELETE FROM postbox.lane WHERE lane = 1;
                SELECT postbox.tend_archive(7);
                SELECT postbox.tend_inbox_days(2);
                INSERT INTO postbox.inbox VALUES ('a', 'b', (now() AT TIME ZONE 'UTC')::date);
                INSERT INTO postbox.parked_message
                    (inbox, topic, partition, "offset", key_hash, state)
                    VALUES ('delivery', 't', 0, 0, 0, 'dead');
                DELETE FROM postbox.parked_message;
                RESET ROLE;
                DROP OWNED BY \(weak);
                DROP ROLE \(weak);
                """
            )
        }
    }

    @Test func `a name that is not there, or a URL for two databases, is a wrong use`() async throws
    {
        let file = try ConfigurationFile(
            """
            databases: { shop: { url: "dbname=shop" }, store: { url: "dbname=store" } }
            kafka: { main: { brokers: ["127.0.0.1:1"] } }
            outboxes:
              - { name: shop, database: shop }
              - { name: store, database: store }
            """
        )
        let words = ["migrate", "--config", file.path]
        let unknown = try await PostboxBinary.run(words + ["--outbox", "shp"])
        #expect(unknown.code == 64)
        #expect(unknown.errors.contains("did you mean shop?"))
        let url = ["--apply", "--database-url", "dbname=shop"]
        #expect(try await PostboxBinary.run(words + url).code == 64)
        let one = try await PostboxBinary.run(words + ["--outbox", "store"])
        #expect(one.output.contains("-- Database store, for store."))
        #expect(!one.output.contains("-- Database shop"))
    }
}
