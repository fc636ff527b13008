import Kafka
import Messaging
import Outbox
import Postgres
import Telemetry
import TestKit
import Testing
import Threads

/// An outbox at work between a test's own database and a broker.
struct OutboxFixture {
    let database: TestDatabase
    let broker: TestBroker
    let topic: String
    let reader: TopicReader
    let definition: OutboxDefinition
    let engine: OutboxEngine

    init(
        _ database: TestDatabase,
        _ broker: TestBroker,
        partitions: Int = 4,
        instance: String = "test",
        properties: [(String, String)] = [],
        change: (inout OutboxDefinition) -> Void = { _ in }
    ) async throws {
        let topic = try broker.makeTopic("outbox", partitions: partitions)
        var definition = OutboxDefinition(name: "shop", database: "db", kafka: "kafka")
        change(&definition)
        try await database.run(OutboxMigration.script(for: [definition]))
        self.database = database
        self.broker = broker
        self.topic = topic
        self.definition = definition
        reader = TopicReader(topic: topic, cluster: broker.cluster)
        engine = try Self.engine(
            definition,
            database,
            broker,
            instance: instance,
            properties: properties
        )
    }

    static func engine(
        _ definition: OutboxDefinition,
        _ database: TestDatabase,
        _ broker: TestBroker,
        instance: String,
        lease: Duration = .seconds(60),
        wire: LossyWire? = nil,
        properties: [(String, String)] = [],
        log: Log = .silent
    ) throws -> OutboxEngine {
        let base = broker.cluster
        let cluster = KafkaCluster(
            name: base.name,
            brokers: base.brokers,
            properties: base.properties + properties
        )
        return OutboxEngine(
            OutboxRuntime(
                definition: definition,
                instance: instance,
                database: try wire?.target(of: database) ?? database.target(),
                kafka: KafkaConfiguration(cluster),
                lease: lease,
                memory: .mebibytes(16),
                log: log
            )
        )
    }

    /// Runs the engine around a body, and stops it cleanly after.
    func running<R>(_ body: () async throws -> R) async throws -> R {
        try await Self.running(engine, body)
    }

    static func running<R>(
        _ engine: OutboxEngine,
        _ body: () async throws -> R
    ) async throws -> R {
        async let life: Void = engine.run()
        do {
            let result = try await body()
            engine.stop(grace: .seconds(20))
            await life
            return result
        } catch {
            engine.stop(grace: .zero)
            await life
            throw error
        }
    }

    /// Inserts rows in one transaction, notes them, and returns their ids.
    @discardableResult
    func insert(
        _ count: Int,
        keys: Int = 20,
        payload: String = "'hello'::bytea",
        topic: String? = nil
    ) async throws -> [Int64] {
        let sql = """
            INSERT INTO postbox.outbox (topic, key, type, payload, headers)
            SELECT '\(topic ?? self.topic)', 'k' || (i % \(keys)), 'created', \(payload),
                '{"a": "1", "b": "zwei"}'
            FROM generate_series(1, \(count)) AS i
            RETURNING id, key
            """
        let rows = try await database.connection.withSession { session in
            let rows = try session.query(sql)
            return (0..<rows.count).map { (id: rows.int64($0, 0), key: rows.textOrNil($0, 1)) }
        }
        reader.noteCommitted(rows)
        return rows.map(\.id)
    }

    /// Expects that soon nothing is left in the table.
    func expectEmptySoon(
        timeout: Duration = patience,
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        try await expectSoon(timeout: timeout, at: location) {
            try await database.number("SELECT EXISTS (SELECT FROM postbox.outbox)::int") == 0
        }
    }

    /// Asks until the answer is yes, and complains when time is over.
    func expectSoon(
        timeout: Duration = patience,
        at location: SourceLocation = #_sourceLocation,
        _ fact: () async throws -> Bool
    ) async throws {
        if try await soon(within: timeout, fact) { return }
        Issue.record("this did not come to pass within \(timeout)", sourceLocation: location)
    }
}
