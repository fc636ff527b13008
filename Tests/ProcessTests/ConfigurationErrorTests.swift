import Testing
import Threads

@Suite(.timeLimit(.minutes(5)))
struct ConfigurationErrorTests {
    private static let commands = [["run"], ["check"], ["migrate"]]

    @Test(arguments: commands)
    func `all problems of a configuration are told at once, each at its place`(
        command: [String]
    ) async throws {
        let file = try ConfigurationFile(
            """
            databases: { shop: { url: "dbname=shop" } }
            kafka: { main: { brokers: [localhost] } }
            outboxes:
              - { name: shop, databse: shop }
              - { name: shop, database: other }
            """
        )
        let result = try await PostboxBinary.run(command + ["--config", file.path])
        #expect(result.code == 78)
        #expect(result.output == "")
        let lines = result.errors.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix(file.place(2, 28)) && $0.contains("host:port") })
        #expect(lines.contains { $0.hasSuffix("unknown key; did you mean database?") })
        #expect(lines.contains { $0.hasPrefix(file.place(5, 19)) && $0.contains("database") })
        #expect(lines.contains { $0.contains("outboxes[1].name: the outbox at") })
    }

    @Test(arguments: [["run"], ["check"]])
    func `what only the drivers can refuse is told at its place too`(command: [String]) async throws
    {
        let file = try ConfigurationFile(
            """
            databases:
              shop: { url: "dbnam=shop", password: { file: /nonexistent/secret } }
            kafka:
              main:
                brokers: ["127.0.0.1:1"]
                properties:
                  compresion.type: lz4
                  acks: 1
                  sasl.password: { env: POSTBOX_NO_SUCH_VARIABLE }
            outboxes: [{ name: shop, database: shop }]
            """
        )
        let result = try await PostboxBinary.run(command + ["--config", file.path])
        #expect(result.code == 78)
        let lines = result.errors.split(separator: "\n")
        let beginnings = [
            file.place(2, 11) + "databases.shop.url: ",
            file.place(2, 30) + "databases.shop.password: file /nonexistent/secret: ",
            file.place(7, 7) + "kafka.main.properties.compresion.type: ",
            file.place(8, 7) + "kafka.main.properties.acks: ",
            file.place(9, 7) + "kafka.main.properties.sasl.password: ",
        ]
        #expect(lines.count == beginnings.count)
        for (line, beginning) in zip(lines, beginnings) {
            #expect(line.hasPrefix(beginning))
        }
        #expect(lines.contains { $0.hasSuffix("did you mean compression.type?") })
    }

    @Test(arguments: [["run"], ["check"]])
    func `properties that do not go together are told at their cluster`(
        command: [String]
    ) async throws {
        let file = try ConfigurationFile(
            """
            databases: { shop: { url: "dbname=shop" } }
            kafka:
              main:
                brokers: ["127.0.0.1:1"]
                properties: { security.protocol: sasl_plaintext, sasl.mechanisms: PLAIN }
            outboxes: [{ name: shop, database: shop }]
            """
        )
        let result = try await PostboxBinary.run(command + ["--config", file.path])
        #expect(result.code == 78)
        #expect(result.errors.hasPrefix(file.place(3, 3) + "kafka.main: sasl.username"))
    }

    @Test func `a password in the configuration is refused and not repeated`() async throws {
        let file = try ConfigurationFile(database: "host=db dbname=shop password=hunter2")
        let result = try await PostboxBinary.run(["check", "--config", file.path])
        #expect(result.code == 78)
        #expect(result.errors.contains("must not hold a password"))
        #expect(!(result.errors + result.output).contains("hunter2"))
    }

    @Test(arguments: commands)
    func `a file that is not there is named`(command: [String]) async throws {
        let result = try await PostboxBinary.run(
            command + ["--config", "/nonexistent/postbox.yaml"]
        )
        #expect(result.code == 78)
        #expect(result.errors.hasPrefix("/nonexistent/postbox.yaml:1:1: there is no such file"))
    }

    @Test(arguments: [
        ["run", "--confg", "x"], ["chekc"], ["check", "now"], ["migrate", "--apply=1"],
    ])
    func `a wrong command line is told apart from a wrong configuration`(
        words: [String]
    ) async throws {
        let result = try await PostboxBinary.run(words)
        #expect(result.code == 64)
        #expect(result.output == "")
        #expect(!result.errors.isEmpty)
    }
}
