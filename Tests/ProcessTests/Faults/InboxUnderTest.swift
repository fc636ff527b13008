import Kafka
import Postgres
import TestKit
import Testing
import Threads

/// An inbox between a topic and a test's own database, which built programs apply.
struct InboxUnderTest {
    static let keyCount = 2_000

    let database: TestDatabase
    let broker: TestBroker
    let topic: String

    init(_ database: TestDatabase, _ broker: TestBroker, partitions: Int = 8) async throws {
        self.database = database
        self.broker = broker
        topic = try broker.makeTopic("inbox-faults", partitions: partitions)
        let file = try configuration(instance: "migrate")
        let result = try await PostboxBinary.run(["migrate", "--apply", "--config", file.path])
        try #require(result.code == 0, "\(result.errors)")
        try await database.run(AccountService.schema)
    }

    /// What one instance is started with, again and again if need be.
    func configuration(
        instance: String,
        lanes: Int = 3,
        recognises: Bool = true,
        properties: [(String, String)] = []
    ) throws -> ConfigurationFile {
        let brokers = broker.cluster.brokers.map { "\"\($0)\"" }.joined(separator: ", ")
        // A test may want another value than the broker does.
        let all = Dictionary(broker.cluster.properties + properties) { _, own in own }
        let properties = all.map { "\($0.key): \"\($0.value)\"" }.joined(separator: ", ")
        return try ConfigurationFile(
            """
            instance: \(instance)
            databases: { bank: { url: "\(database.conninfo)" } }
            kafka:
              main: { brokers: [\(brokers)], properties: { \(properties) } }
            inboxes:
              - name: accounts
                database: bank
                topics: ["\(topic)"]
                group: "\(topic)"
                lanes: \(lanes)
                dedup: { mode: \(recognises ? "id" : "none") }
                apply: { batch_function: bank.on_changes }
                retry: { max_attempts: 2, first: 50ms, max: 100ms }
            """
        )
    }

    /// Writes so many messages in the order of their keys' versions, and a fifth of them a second
    /// time, up to a few thousand messages later, as a producer that was killed would.
    func write(_ count: Int, repeating: Bool = true, seed: Seed = Seed(0)) async throws {
        let sql = """
            SELECT n::int8, '\(topic)', 'k' || n % \(Self.keyCount),
                convert_to(format('{"amount":%s,"version":%s}', n, n), 'UTF8'), NULL::jsonb,
                'm' || n, NULL::text, date_trunc('day', now())
            FROM (
                SELECT n, n::float8 AS place FROM generate_series(1, \(count)) AS n
                UNION ALL
                SELECT n, n + 1 + 5000 * random() FROM generate_series(1, \(count)) AS n
                WHERE \(repeating) AND n % 5 = 0
            ) AS sent
            ORDER BY place
            """
        let cluster = broker.cluster
        let start = Double(seed.value % 1000) / 1000
        try await database.connection.withSession { session in
            try session.run("SELECT setseed(\(start))")
            try MessageWriter(cluster).write(sql, through: session)
        }
    }

    func applied() async throws -> Int {
        Int(try await database.number(AccountService.applied))
    }

    /// Waits until so many more messages have been applied, or all; false when they are not.
    func applies(_ more: Int, of all: Int = .max) async throws -> Bool {
        let goal = min(try await applied() + more, all)
        return try await soon { try await applied() >= goal }
    }

    /// Expects that each of so many messages was applied once, in the order of its key.
    func finish(_ count: Int, at location: SourceLocation = #_sourceLocation) async throws {
        // However slow the machine is: for as long as it goes on.
        while try await applied() < count, try await applies(1) {}
        let facts = try await database.texts(AccountService.facts)
        #expect(facts == [AccountService.expected(count)], sourceLocation: location)
        let parked = try await database.number("SELECT count(*) FROM postbox.parked_message")
        #expect(parked == 0, sourceLocation: location)
    }
}
