import Kafka
import Postgres
import TestKit
import Testing
import Threads

/// Services that answer each other through their outboxes: every message says what it follows from.
@Suite(.timeLimit(.minutes(5)))
struct RingTests {
    private static let starts = 100
    private static let hops = 9

    @Test(arguments: BrokerKind.available)
    func `three services in a ring keep their chains of causes whole`(kind: BrokerKind) async throws
    {
        let broker = try kind.broker()
        let topics = try (0..<3).map { try broker.makeTopic("ring\($0)", partitions: 2) }
        try await withTestDatabase { a in
            try await withTestDatabase { b in
                try await withTestDatabase { c in
                    let services = [a, b, c]
                    let file = try Self.configuration(services, topics, broker)
                    let result = try await PostboxBinary.run([
                        "migrate", "--apply", "--config", file.path,
                    ])
                    try #require(result.code == 0, "\(result.errors)")
                    for (place, service) in services.enumerated() {
                        try await service.run(Self.service(answeringTo: topics[(place + 1) % 3]))
                    }
                    try await Self.start(in: a, topics[1])
                    let daemon = try DaemonUnderTest(file)
                    defer { daemon.kill() }
                    try await Self.expectWhole(services, daemon)
                    #expect(await daemon.terminate() == .exited(0), "\(daemon.log)")
                }
            }
        }
    }

    private static func configuration(
        _ services: [TestDatabase],
        _ topics: [String],
        _ broker: TestBroker
    ) throws -> ConfigurationFile {
        let properties = broker.cluster.properties.map { "\($0.0): \"\($0.1)\"" }
        let names = ["a", "b", "c"]
        let databases = zip(names, services).map { "  \($0): { url: \"\($1.conninfo)\" }" }
        let outboxes = names.map { "  - { name: \($0), database: \($0) }" }
        let inboxes = zip(names, topics).map { name, topic in
            // One of them takes many messages at once.
            let handler =
                name == "b" ? "batch_function: ring.on_messages" : "function: ring.on_message"
            return "  - { name: \(name), database: \(name), group: \(topic), topics: [\(topic)], "
                + "apply: { \(handler) } }"
        }
        return try ConfigurationFile(
            """
            databases:
            \(databases.joined(separator: "\n"))
            kafka:
              main:
                brokers: ["\(broker.bootstrapServers)"]
                properties: { \(properties.joined(separator: ", ")) }
            outboxes:
            \(outboxes.joined(separator: "\n"))
            inboxes:
            \(inboxes.joined(separator: "\n"))
            """
        )
    }

    /// Notes each message with what it follows from, and answers until it has gone round three times.
    private static func service(answeringTo topic: String) -> String {
        """
        CREATE SCHEMA ring;
        CREATE TABLE ring.seen (
            message_id text PRIMARY KEY, correlation_id text, causation_id text, hop int);
        CREATE FUNCTION ring.on_message(m postbox.message) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE hop int := (postbox.body(m)->>'hop')::int;
        BEGIN
            INSERT INTO ring.seen VALUES (
                m.message_id, m.headers->>'correlation-id', m.headers->>'causation-id', hop);
            IF hop < \(hops) THEN
                INSERT INTO postbox.outbox (topic, key, payload)
                VALUES ('\(topic)', m.key,
                    convert_to(format('{"hop":%s}', hop + 1), 'UTF8'));
            END IF;
        END $$;
        CREATE FUNCTION ring.on_messages(messages postbox.message[]) RETURNS void
            LANGUAGE plpgsql AS $$
        DECLARE m postbox.message;
        BEGIN
            FOREACH m IN ARRAY messages LOOP
                PERFORM postbox.enter(m);
                PERFORM ring.on_message(m);
            END LOOP;
        END $$;
        """
    }

    private static func start(in service: TestDatabase, _ topic: String) async throws {
        try await service.run(
            """
            INSERT INTO postbox.outbox (topic, key, payload)
            SELECT '\(topic)', 'k' || n, '{"hop":1}' FROM generate_series(1, \(starts)) AS n
            """
        )
    }

    /// Every message of a chain but the first names the one before it, and the first of all.
    private static func expectWhole(
        _ services: [TestDatabase],
        _ daemon: DaemonUnderTest
    ) async throws {
        let sent = starts * hops
        let hasArrived = try await soon {
            var seen = 0
            for service in services {
                seen += Int(try await service.number("SELECT count(*) FROM ring.seen"))
            }
            return seen == sent
        }
        #expect(hasArrived, "\(daemon.log)")
        var messages: [Message] = []
        for service in services { messages += try await Self.messages(of: service) }
        let byID = Dictionary(uniqueKeysWithValues: messages.map { ($0.id, $0) })
        for message in messages where message.hop > 1 {
            let cause = message.causation.flatMap { byID[$0] }
            #expect(cause?.hop == message.hop - 1)
            #expect(message.correlation == (cause?.correlation ?? cause?.id))
        }
        #expect(Set(messages.compactMap(\.correlation)).count == starts)
    }

    private struct Message {
        let id: String
        let correlation: String?
        let causation: String?
        let hop: Int64
    }

    private static func messages(of service: TestDatabase) async throws -> [Message] {
        try await service.connection.withSession { session in
            let rows = try session.query(
                "SELECT message_id, correlation_id, causation_id, hop::int8 FROM ring.seen"
            )
            return (0..<rows.count).map { row in
                Message(
                    id: rows.text(row, 0),
                    correlation: rows.textOrNil(row, 1),
                    causation: rows.textOrNil(row, 2),
                    hop: rows.int64(row, 3)
                )
            }
        }
    }
}
