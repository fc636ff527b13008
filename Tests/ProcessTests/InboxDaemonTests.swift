import Glibc
import Kafka
import TestKit
import Testing
import Threads

/// The built daemon with an inbox and an outbox in one database, and the commands on it.
@Suite(.timeLimit(.minutes(5)))
struct InboxDaemonTests {
    private func configuration(
        _ broker: TestBroker,
        _ database: String,
        topic: String
    ) throws -> ConfigurationFile {
        let properties = broker.cluster.properties.map { "\($0.0): \($0.1)" }
        return try ConfigurationFile(
            """
            databases: { shop: { url: "\(database)", schema: relay } }
            kafka:
              main:
                brokers: ["\(broker.bootstrapServers)"]
                properties: { \(properties.joined(separator: ", ")) }
            outboxes: [{ name: shop, database: shop }]
            inboxes:
              - name: delivery
                database: shop
                topics: \(topic)
                group: \(topic)
                apply: { function: app.on_message }
                retry: { max_attempts: 1 }
            """
        )
    }

    private static let service = """
        CREATE SCHEMA app;
        CREATE TABLE app.seen (n serial, key text, body text);
        CREATE FUNCTION app.on_message(m relay.message) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            IF m.key = 'bad' AND NOT EXISTS (SELECT FROM app.seen WHERE key = 'mended') THEN
                RAISE EXCEPTION 'bad';
            END IF;
            INSERT INTO app.seen (key, body) VALUES (m.key, convert_from(m.payload, 'UTF8'));
        END
        $$;
        """

    @Test func `a role that owns nothing is enough, with what migrate has granted`() async throws {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            let topic = try broker.makeTopic()
            let role = "weak_\(database.name)"
            let url = database.conninfo.replacing("user=postgres", with: "user=\(role)")
            let file = try configuration(broker, url, topic: topic)
            let admin = ["--database-url", database.conninfo]
            try await database.run("CREATE ROLE \(role) LOGIN")
            let applied = try await PostboxBinary.run(
                ["migrate", "--apply", "--config", file.path] + admin
            )
            try #require(applied.code == 0, "\(applied.errors)")
            try await database.run(Self.service)
            try await database.run(
                """
                GRANT USAGE ON SCHEMA app TO \(role);
                GRANT SELECT, INSERT ON app.seen TO \(role);
                GRANT USAGE ON ALL SEQUENCES IN SCHEMA app TO \(role);
                """
            )
            let checked = try await PostboxBinary.run(["check", "--config", file.path])
            #expect(checked.code == 0, "\(checked.output)")

            let daemon = try PostboxBinary.start(
                ["run", "--config", file.path, "--socket", file.socket]
            )
            defer { daemon.kill(SIGKILL) }
            try #require(await daemon.says("msg=running"))
            try await database.run(
                """
                INSERT INTO relay.outbox (topic, key, payload)
                SELECT '\(topic)', 'k' || n % 10, '' FROM generate_series(1, 100) AS n;
                INSERT INTO relay.outbox (topic, key, payload) VALUES ('\(topic)', 'bad', '');
                """
            )
            let count = "SELECT count(*) FROM app.seen"
            let parked = "SELECT count(*) FROM relay.parked_message WHERE state = 'dead'"
            let isDone = try await soon {
                let (seen, dead) = (
                    try await database.number(count), try await database.number(parked)
                )
                return seen == 100 && dead == 1
            }
            #expect(isDone, "\(daemon.errors?.text ?? "")")
            #expect(await daemon.terminate() == .exited(0))
            try await database.run("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    @Test(arguments: BrokerKind.available)
    func `what an outbox publishes an inbox applies, and the commands tell of both`(
        kind: BrokerKind
    ) async throws {
        try await withTestDatabase { database in
            let broker = try kind.broker()
            let topic = try broker.makeTopic()
            let file = try configuration(broker, database.conninfo, topic: topic)
            let socket = ["--socket", file.socket]
            let applied = try await PostboxBinary.run(["migrate", "--apply", "--config", file.path])
            try #require(applied.code == 0, "\(applied.errors)")
            try await database.run(Self.service)
            let checked = try await PostboxBinary.run(["check", "--config", file.path])
            #expect(checked.code == 0, "\(checked.output)")

            let daemon = try PostboxBinary.start(["run", "--config", file.path] + socket)
            defer { daemon.kill(SIGKILL) }
            try #require(await daemon.says("msg=running"))
            try await database.run(
                """
                INSERT INTO relay.outbox (topic, key, payload)
                SELECT '\(topic)', 'k' || n % 10, convert_to('m' || n, 'UTF8') FROM generate_series(1, 100) AS n;
                INSERT INTO relay.outbox (topic, key, payload)
                VALUES ('\(topic)', 'bad', 'one'), ('\(topic)', 'bad', 'two');
                """
            )
            let count = "SELECT count(*) FROM app.seen"
            #expect(
                try await soon { try await database.number(count) == 100 }
            )
            let parked = "SELECT count(*) FROM relay.parked_message WHERE state IN ('dead', 'held')"
            #expect(
                try await soon { try await database.number(parked) == 2 }
            )

            let status = try await PostboxBinary.run(["status", "--partitions"] + socket)
            #expect(status.output.contains("delivery  consuming"))
            #expect(status.output.contains("shop       0  publishing"))
            let letters = try await PostboxBinary.run(["dead-letters", "list"] + socket)
            #expect(letters.output.contains("inbox delivery"))
            #expect(letters.output.contains("bad"))

            try await database.run("INSERT INTO app.seen (key) VALUES ('mended')")
            let words = ["dead-letters", "retry", "--inbox", "delivery", "--key", "bad"]
            let retried = try await PostboxBinary.run(words + socket)
            #expect(retried.output == "1 message to be tried again\n")
            #expect(
                try await soon { try await database.number(count) == 103 }
            )
            let order = try await database.texts(
                "SELECT string_agg(body, ' ' ORDER BY n) FROM app.seen WHERE key = 'bad'"
            )
            #expect(order == ["one two"])

            let seek = ["seek", "delivery", "--to", "earliest"]
            let shown = try await PostboxBinary.run(seek + socket)
            #expect(shown.output.contains("102 would be read again"))
            #expect(shown.errors.contains("nothing was changed"))
            let done = try await PostboxBinary.run(seek + ["--apply"] + socket)
            #expect(done.output.contains("102 are read again"))
            let repeats = "SELECT sum(next_offset) FROM relay.position"
            #expect(
                try await soon { try await database.number(repeats) == 102 }
            )
            #expect(try await database.number(count) == 103)

            let unknown = try await PostboxBinary.run(["seek", "shop", "--to", "latest"] + socket)
            #expect(unknown.code == 1)
            #expect(unknown.errors.contains("there is no inbox shop"))
            #expect(await daemon.terminate() == .exited(0))
        }
    }
}
