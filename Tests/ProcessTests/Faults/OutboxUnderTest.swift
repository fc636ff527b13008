import Kafka
import Postgres
import TestKit
import Testing
import Threads

/// An outbox between a test's own database and a broker, which built programs publish.
struct OutboxUnderTest {
    /// How many keys the writers of a test write for.
    static let keyCount = 20

    let database: TestDatabase
    let broker: TestBroker
    let topic: String
    let reader: TopicReader

    init(_ database: TestDatabase, _ broker: TestBroker, reads: Bool = true) async throws {
        self.database = database
        self.broker = broker
        topic = try broker.makeTopic("faults")
        reader = TopicReader(topic: topic, cluster: broker.cluster, begins: reads)
        let file = try configuration(instance: "migrate")
        let result = try await PostboxBinary.run(["migrate", "--apply", "--config", file.path])
        try #require(result.code == 0, "\(result.errors)")
        try await database.run(
            """
            CREATE TABLE public.product (key text PRIMARY KEY);
            INSERT INTO public.product
            SELECT 'k' || i FROM generate_series(1, \(Self.keyCount)) AS i
            """
        )
    }

    /// What one instance is started with, again and again if need be.
    func configuration(
        instance: String,
        lease: Duration = .seconds(10)
    ) throws -> ConfigurationFile {
        let brokers = broker.cluster.brokers.map { "\"\($0)\"" }.joined(separator: ", ")
        let properties = broker.cluster.properties
            .map { "\($0.0): \"\($0.1)\"" }
            .joined(separator: ", ")
        return try ConfigurationFile(
            """
            instance: \(instance)
            databases: { shop: { url: "\(database.conninfo)" } }
            kafka:
              main: { brokers: [\(brokers)], properties: { \(properties) } }
            outboxes:
              - { name: shop, database: shop }
            lease: \(lease.components.seconds)s
            """
        )
    }

    /// Inserts rows in one transaction, and notes them.
    func insert(_ count: Int) async throws {
        let sql = """
            INSERT INTO postbox.outbox (topic, key, type, payload)
            SELECT '\(topic)', 'k' || (i % \(Self.keyCount) + 1), 'changed', 'hello'
            FROM generate_series(1, \(count)) AS i
            RETURNING id, key
            """
        let rows = try await database.connection.withSession { session in
            let rows = try session.query(sql)
            return (0..<rows.count).map { (id: rows.int64($0, 0), key: rows.textOrNil($0, 1)) }
        }
        reader.noteCommitted(rows)
    }

    func waitingRows() async throws -> Int64 {
        try await database.number("SELECT count(*) FROM postbox.outbox")
    }

    /// Whether the table is empty, now or soon.
    func isEmptySoon() async throws -> Bool {
        try await soon { try await waitingRows() == 0 }
    }

    /// Expects that all of it has arrived and is gone from the table, and gives the last word.
    func finish(
        committed: Int,
        log: @autoclosure () -> String = "",
        at location: SourceLocation = #_sourceLocation
    ) async throws
        -> Verdict
    {
        let hasArrived = await reader.has(distinct: committed, within: patience)
        let isEmpty = try await isEmptySoon()
        let verdict = reader.finish()
        #expect(
            hasArrived && isEmpty && verdict.holds,
            "\(verdict)\n\(log())",
            sourceLocation: location
        )
        return verdict
    }
}
