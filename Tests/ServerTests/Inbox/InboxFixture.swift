import Inbox
import Kafka
import Messaging
import Postgres
import Telemetry
import TestKit
import Testing
import Threads

/// An inbox at work between a broker and a test's own database, with a service that keeps accounts.
struct InboxFixture {
    let database: TestDatabase
    var broker: TestBroker
    let topic: String
    var definition: InboxDefinition
    /// What the engine connects through, if not directly.
    var wire: LossyWire?

    init(
        _ database: TestDatabase,
        _ broker: TestBroker,
        partitions: Int = 4,
        apply: ApplyRule = Self.batch,
        change: (inout InboxDefinition) -> Void = { _ in }
    ) async throws {
        topic = try broker.makeTopic("inbox", partitions: partitions)
        var definition = InboxDefinition(
            name: "accounts",
            database: "db",
            kafka: "kafka",
            topics: [topic],
            group: "accounts-\(topic)",
            apply: apply
        )
        change(&definition)
        self.database = database
        self.broker = broker
        self.definition = definition
        try await database.run(InboxMigration.script(for: [definition]))
        try await database.run(AccountService.schema)
    }

    static let each = ApplyRule.function(QualifiedName(schema: "bank", name: "on_change"))
    static let batch = ApplyRule.batchFunction(QualifiedName(schema: "bank", name: "on_changes"))

    func engine(
        instance: String = "test",
        properties: [(String, String)] = [],
        log: Log = .silent,
        patience: Duration = .seconds(20)
    ) throws -> InboxEngine {
        InboxEngine(
            try runtime(
                instance: instance,
                properties: properties,
                log: log,
                patience: patience
            )
        )
    }

    func runtime(
        instance: String = "test",
        properties: [(String, String)] = [],
        log: Log = .silent,
        patience: Duration = .seconds(20)
    ) throws -> InboxRuntime {
        let base = broker.cluster
        // The built-in broker waits as long as a session lasts before it divides a group anew.
        let quick = [("session.timeout.ms", "6000"), ("heartbeat.interval.ms", "300")]
        return InboxRuntime(
            definition: definition,
            instance: instance,
            database: try wire?.target(of: database) ?? database.target(),
            kafka: KafkaCluster(
                name: base.name,
                brokers: base.brokers,
                properties: base.properties + quick + properties
            ),
            memory: .mebibytes(32),
            log: log,
            patience: patience
        )
    }

    /// Runs an engine around a body, and stops it cleanly after.
    func running<R>(
        log: Log = .silent,
        patience: Duration = .seconds(20),
        _ body: (InboxEngine) async throws -> R
    ) async throws -> R {
        try await running(try engine(log: log, patience: patience), body)
    }

    /// Runs this engine around a body.
    func running<R>(
        _ engine: InboxEngine,
        _ body: (InboxEngine) async throws -> R
    ) async throws -> R {
        async let life: Void = engine.run()
        do {
            let result = try await body(engine)
            engine.stop(grace: .seconds(20))
            await life
            return result
        } catch {
            engine.stop(grace: .zero)
            await life
            throw error
        }
    }

    /// Writes messages `first ... last`: number n is the change of key n % keys, of amount n.
    func write(
        _ numbers: ClosedRange<Int>,
        to topic: String? = nil,
        keys: Int = 50,
        where condition: String = "true",
        order: String = "n",
        createdAt: String = "date_trunc('day', now())",
        id: String = "'m' || n"
    ) async throws {
        let sql = """
            SELECT n::int8, '\(topic ?? self.topic)', 'k' || n % \(keys),
                convert_to(json_build_object('amount', n, 'version', n)::text, 'UTF8'),
                NULL::jsonb, \(id), 'changed', (\(createdAt))::timestamptz
            FROM generate_series(\(numbers.lowerBound), \(numbers.upperBound)) AS n
            WHERE \(condition) ORDER BY \(order)
            """
        let cluster = broker.cluster
        try await database.connection.withSession { session in
            try MessageWriter(cluster).write(sql, through: session)
        }
    }

    /// Expects that soon so many messages have been applied, each once and in order.
    func expectApplied(
        _ count: Int,
        total: Int? = nil,
        within timeout: Duration = patience,
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        _ = try await soon(within: timeout) {
            try await database.number(AccountService.applied) >= count
        }
        let facts = try await database.texts(AccountService.facts)
        let sum = total ?? count * (count + 1) / 2
        #expect(facts == ["\(count) \(sum) 0"], sourceLocation: location)
    }
}

extension InboxFixture {
    /// Makes all dead letters ready again, as `dead-letters retry` does.
    func retryDead() async throws {
        try await database.run(
            """
            UPDATE postbox.parked_message SET state = 'retrying', retry_at = now(), attempts = 0
            WHERE state = 'dead'
            """
        )
    }
}

extension InboxFixture {
    /// Ends the inbox's sessions with the database, and waits until they have ended.
    func endSessions() async throws {
        try await database.run(
            """
            SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
            WHERE application_name = 'postbox' AND datname = current_database()
            """
        )
    }

    func applied() async throws -> Int64 { try await database.number(AccountService.applied) }
}
