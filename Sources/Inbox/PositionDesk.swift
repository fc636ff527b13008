package import Kafka
package import Messaging
package import Postgres

/// Shows where an inbox is in its partitions, and moves it.
///
/// Each call opens a session and a Kafka client of its own and blocks; whoever reads the partitions,
/// here or elsewhere, goes on from the new positions by itself.
package struct PositionDesk: Sendable {
    private let definition: InboxDefinition
    private let schema: String
    private let database: PostgresTarget
    private let kafka: KafkaCluster

    package init(
        definition: InboxDefinition,
        schema: String = "postbox",
        database: PostgresTarget,
        kafka: KafkaCluster
    ) {
        self.definition = definition
        self.schema = schema
        self.database = database
        self.kafka = kafka
    }

    /// Says what the order means, and does it if the order says so.
    package func seek(_ order: SeekOrder) throws -> SeekPlan {
        let admin = try KafkaAdmin(kafka)
        let partitions = try partitions(meantBy: order, admin)
        let offsets = try offsets(of: order.target, in: partitions, admin)
        let session = try PostgresSession(connectingTo: database, within: .seconds(5))
        try session.run("SET search_path = pg_catalog; SET lock_timeout = '30s'")
        let known = try positions(session)
        let moves = partitions.map { partition in
            SeekPlan.Move(
                topic: partition.topic,
                partition: partition.partition,
                now: known[partition],
                new: offsets[partition] ?? 0
            )
        }
        if order.applies { try set(moves, session) }
        return SeekPlan(
            inbox: definition.name,
            moves: moves,
            recognisesRepeats: definition.dedup.mode == .id,
            isApplied: order.applies
        )
    }

    private func partitions(
        meantBy order: SeekOrder,
        _ admin: KafkaAdmin
    ) throws -> [KafkaPartition] {
        let topics = try topics(meantBy: order.topic, admin)
        var partitions: [KafkaPartition] = []
        for topic in topics { partitions += try admin.partitions(of: topic) }
        if let number = order.partition {
            partitions.removeAll { $0.partition != number }
            guard !partitions.isEmpty else {
                throw SeekError.noPartition(number, topic: topics.count == 1 ? topics[0] : nil)
            }
        }
        return partitions
    }

    private func topics(meantBy wanted: String?, _ admin: KafkaAdmin) throws -> [String] {
        var topics: [String] = definition.topics.filter { !$0.hasPrefix("^") }
        let patterns = try definition.topics.filter { $0.hasPrefix("^") }.map(
            KafkaTopicPattern.init
        )
        if !patterns.isEmpty {
            let all = try admin.metadata().topics.map(\.name)
            topics += all.filter { name in patterns.contains { $0.matches(name) } }
        }
        if let wanted {
            guard topics.contains(wanted) else {
                throw SeekError.notRead(topic: wanted, inbox: definition.name)
            }
            return [wanted]
        }
        guard !topics.isEmpty else { throw SeekError.nothing(inbox: definition.name) }
        return Set(topics).sorted()
    }

    private func offsets(
        of target: SeekTarget,
        in partitions: [KafkaPartition],
        _ admin: KafkaAdmin
    ) throws -> [KafkaPartition: Int64] {
        var marks: [KafkaPartition: Range<Int64>] = [:]
        for partition in partitions { marks[partition] = try admin.watermarks(of: partition) }
        switch target {
        case .earliest: return marks.mapValues(\.lowerBound)
        case .latest: return marks.mapValues(\.upperBound)
        case .time(let milliseconds):
            let found = try admin.offsets(at: milliseconds, of: partitions)
            return marks.mapValues(\.upperBound).merging(found) { $1 }
        case .offset(let offset):
            guard partitions.count == 1, let partition = partitions.first,
                let range = marks[partition]
            else { throw SeekError.severalPartitions(partitions.count) }
            guard range.contains(offset) || offset == range.upperBound else {
                throw SeekError.outside(
                    offset,
                    topic: partition.topic,
                    partition: partition.partition,
                    first: range.lowerBound,
                    end: range.upperBound
                )
            }
            return [partition: offset]
        }
    }

    private func positions(
        _ session: PostgresSession
    ) throws(PostgresError) -> [KafkaPartition: Int64] {
        let rows = try session.query(
            statement("list_positions", [.text]),
            [.text(definition.name)]
        )
        return PositionRow.byPartition(rows).compactMapValues {
            PositionLedger($0, lanes: definition.lanes)?.start
        }
    }

    private func set(_ moves: [SeekPlan.Move], _ session: PostgresSession) throws {
        let inbox = PostgresValue.text(definition.name)
        let places: [PostgresValue] = [
            .textArray(moves.map(\.topic)), .int4Array(moves.map(\.partition)),
        ]
        let lock = try statement("lock_positions", [.text] + SQLFiles.places)
        let set = try statement("set_positions", [.text, .int4] + SQLFiles.places + [.int8Array])
        try session.transaction { transaction in
            _ = try transaction.query(lock, [inbox] + places)
            _ = try transaction.query(
                set,
                [inbox, .int4(Int32(definition.lanes))] + places + [.int8Array(moves.map(\.new))]
            )
        }
    }

    private func statement(
        _ name: String,
        _ types: [PostgresType]
    ) throws(PostgresError) -> PostgresStatement {
        let quoted = try quotedIdentifier(schema)
        return PostgresStatement(
            name: name,
            sql: sqlText(name).replacing("{{schema}}", with: quoted),
            parameters: types
        )
    }
}
