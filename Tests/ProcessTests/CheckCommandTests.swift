import Kafka
import TestKit
import Testing
import Threads

@Suite(.timeLimit(.minutes(5)))
struct CheckCommandTests {
    @Test func `a missing table is a problem at its line`() async throws {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            let file = try ConfigurationFile(
                database: database.conninfo,
                brokers: broker.bootstrapServers,
                outbox: "name: shop, database: shop, table: sales.orders"
            )
            let result = try await PostboxBinary.run(["check", "--config", file.path])
            #expect(result.code == 1)
            #expect(result.output.contains(file.place(5, 35) + "outboxes[0].table: "))
            #expect(result.output.contains("sales.orders"))
            #expect(result.lastLine.contains("problem"))
        }
    }

    @Test func `a missing grant is a problem at its line`() async throws {
        try await withTestDatabase { database in
            let role = "limited_\(database.name)"
            let owner = try ConfigurationFile(database: database.conninfo)
            try #require(
                await PostboxBinary.run(["migrate", "--apply", "--config", owner.path]).code == 0
            )
            try await database.run(
                """
                CREATE ROLE \(role) LOGIN;
                GRANT USAGE ON SCHEMA postbox TO \(role);
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA postbox TO \(role);
                REVOKE DELETE ON postbox.outbox FROM \(role);
                """
            )
            let broker = try BrokerKind.builtIn.broker()
            let file = try ConfigurationFile(
                database: database.conninfo.replacing("user=postgres", with: "user=\(role)"),
                brokers: broker.bootstrapServers
            )
            let result = try await PostboxBinary.run(["check", "--config", file.path])
            #expect(result.code == 1)
            #expect(result.output.contains(file.path + ":5:"))
            #expect(result.output.contains("DELETE"))
            try await database.run("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    @Test(arguments: BrokerKind.available)
    func `with everything there it says what it found`(kind: BrokerKind) async throws {
        try await withTestDatabase { database in
            let broker = try kind.broker()
            let file = try ConfigurationFile(
                database: database.conninfo,
                brokers: broker.bootstrapServers
            )
            _ = try await PostboxBinary.run(["migrate", "--apply", "--config", file.path])
            let result = try await PostboxBinary.run(["check", "--config", file.path])
            #expect(result.code == 0, "\(result.output)")
            // The built-in broker does not tell its settings.
            #expect(result.lastLine == (kind == .kafka ? "no problems" : "1 warning"))
        }
    }

    @Test func `what cannot be reached is told for both sides at once`() async throws {
        let file = try ConfigurationFile(database: "host=/nonexistent dbname=shop")
        let result = try await PostboxBinary.run(["check", "--config", file.path])
        #expect(result.code == 1)
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix(file.place(1, 22) + "databases.shop.url: "))
        #expect(lines[1].hasPrefix(file.place(3, 11) + "kafka.main.brokers: "))
        #expect(lines[1].contains("Connection refused"))
        #expect(lines[2] == "2 problems")
    }

    @Test func `libpq's environment variables do not count`() async throws {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            let file = try ConfigurationFile(
                """
                databases:
                  shop: { url: "\(database.conninfo)", password: { env: PGPASSWORD } }
                kafka: { main: { brokers: ["\(broker.bootstrapServers)"] } }
                outboxes: [{ name: shop, database: shop }]
                """
            )
            _ = try await PostboxBinary.run([
                "migrate", "--apply", "--config", file.path, "--database-url", database.conninfo,
            ])
            let result = try await PostboxBinary.run(
                ["check", "--config", file.path],
                environment: ["PGPORT": "1", "PGSSLMODE": "bogus", "PGPASSWORD": "secret-word"]
            )
            #expect(result.code == 0, "\(result.output)")
            #expect(!(result.output + result.errors).contains("secret-word"))
        }
    }

    @Test func `what is wrong with an inbox is told at its line`() async throws {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            _ = try broker.makeTopic("known")
            let file = try ConfigurationFile(
                database: database.conninfo,
                brokers: broker.bootstrapServers,
                more: """
                    inboxes:
                      - name: delivery
                        database: shop
                        topics: ["^nobody-has-this", "^known"]
                        apply: { function: delivery.on_product }
                    """
            )
            _ = try await PostboxBinary.run(["migrate", "--apply", "--config", file.path])
            let result = try await PostboxBinary.run(["check", "--config", file.path])
            #expect(result.code == 1)
            let told = result.output.split(separator: "\n").map(String.init)
                .filter { $0.contains("inboxes[") }
            #expect(
                told == [
                    file.place(10, 14) + "inboxes[0].apply.function: there is no function "
                        + "delivery.on_product: it must take postbox.message",
                    file.place(9, 14) + "warning: inboxes[0].topics[0]: matches no topic that "
                        + "there is now",
                ]
            )
        }
    }

    @Test func `a regular expression that is none is an error of the configuration`() async throws {
        let file = try ConfigurationFile(
            database: "host=/nonexistent dbname=shop",
            more: """
                inboxes:
                  - name: delivery
                    database: shop
                    topics: ["^a(", "^b"]
                    dead_letter_topic: b.dead
                    apply: { store: true }
                """
        )
        let result = try await PostboxBinary.run(["check", "--config", file.path])
        #expect(result.code == 78)
        #expect(
            result.errors.contains(
                file.place(9, 14) + "inboxes[0].topics[0]: is no regular expression: "
            )
        )
        #expect(
            result.errors.contains(
                file.place(10, 5) + "inboxes[0].dead_letter_topic: is matched by the topics: "
            )
        )
    }

    @Test func `JSON holds the same, with places as numbers`() async throws {
        let file = try ConfigurationFile(database: "host=/nonexistent dbname=shop")
        let result = try await PostboxBinary.run(["check", "--json", "--config", file.path])
        #expect(result.code == 1)
        #expect(result.output.contains(#""path" : "databases.shop.url""#))
        #expect(result.output.contains(#""line" : 1"#))
        #expect(result.output.contains(#""severity" : "problem""#))
        #expect(result.output.contains(#""warnings" : ["#))
    }
}

/// What only a real Kafka tells.
@Suite(.timeLimit(.minutes(5)))
struct CheckKafkaTests {
    @Test(arguments: BrokerKind.available.filter { $0 == .kafka })
    func `a fixed topic is looked at, and one that is not there is told`(
        kind: BrokerKind
    ) async throws {
        try await withTestDatabase { database in
            let broker = try kind.broker()
            let topic = try broker.makeTopic(partitions: 3)
            func check(_ topic: String) async throws -> ChildProcessResult {
                let outbox = "name: shop, database: shop, columns: { topic: none }, topic: \(topic)"
                let file = try ConfigurationFile(
                    database: database.conninfo,
                    brokers: broker.bootstrapServers,
                    outbox: outbox
                )
                _ = try await PostboxBinary.run(["migrate", "--apply", "--config", file.path])
                return try await PostboxBinary.run(["check", "--json", "--config", file.path])
            }
            // Kafka tells of a new topic some time after it has made it.
            let isSeen = try await soon {
                try await check(topic).output.contains("topic \(topic): 3 partitions")
            }
            #expect(isSeen)
            let missing = try await check("\(topic)-missing")
            #expect(missing.output.contains("topic \(topic)-missing"))
            #expect(missing.output.contains(#""path" : "outboxes[0].topic""#))
        }
    }

    @Test(arguments: BrokerKind.available.filter { $0 == .kafka })
    func `a window that is shorter than a topic's retention is refused unless allowed`(
        kind: BrokerKind
    ) async throws {
        let broker = try kind.broker()
        let topic = try broker.makeTopic()
        func check(_ dedup: String) async throws -> String {
            let file = try ConfigurationFile(
                database: "host=/nonexistent dbname=shop",
                brokers: broker.bootstrapServers,
                more: """
                    inboxes:
                      - { name: a, database: shop, topics: \(topic), apply: { store: true },
                          dedup: { \(dedup) } }
                    """
            )
            return try await PostboxBinary.run(["check", "--config", file.path]).output
        }
        let told =
            "inboxes[0].dedup.window: topic \(topic) keeps messages for 7d, and ids are known "
        // Kafka tells of a new topic some time after it has made it.
        let isTold = try await soon { try await check("window: 6d").contains(told + "for 6d only") }
        #expect(isTold)
        #expect(try await !check("window: 7d").contains(told))
        #expect(try await !check("window: 6d, allow_short_window: true").contains(told))
        #expect(try await !check("mode: none").contains(told))
    }

    @Test(arguments: BrokerKind.available.filter { $0 == .kafka })
    func `a topic that takes less than we send is a problem`(kind: BrokerKind) async throws {
        let broker = try kind.broker()
        let admin = try KafkaAdmin(broker.cluster)
        let topic = try broker.makeTopic() + "-small"
        let small = KafkaNewTopic(topic, settings: ["max.message.bytes": "500000"])
        #expect(try admin.create([small]).isEmpty)
        let isKnown = await blocking {
            let deadline = MonotonicTime.now + patience
            while MonotonicTime.now < deadline {
                // A new topic is not known to the broker at once; until then this throws.
                if (try? admin.settings(ofTopic: topic)["max.message.bytes"]) == "500000" {
                    return true
                }
            }
            return false
        }
        #expect(isKnown)
        let file = try ConfigurationFile(
            database: "host=/nonexistent dbname=shop",
            brokers: broker.bootstrapServers,
            outbox: "name: shop, database: shop, columns: { topic: none }, topic: \(topic)"
        )
        let result = try await PostboxBinary.run(["check", "--config", file.path])
        #expect(result.code == 1)
        #expect(result.output.contains("topic \(topic) refuses batches above 500000 bytes"))
    }
}
