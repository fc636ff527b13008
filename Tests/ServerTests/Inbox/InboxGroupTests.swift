import Inbox
import Kafka
import Messaging
import Postgres
import Telemetry
import TestKit
import Testing

/// Who reads a partition, and from where: the database says, whatever Kafka thinks.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxGroupTests {
    @Test(arguments: BrokerKind.available)
    func `two readers share the partitions, and one goes on alone`(kind: BrokerKind) async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, kind.broker()) { $0.lanes = 2 }
            let second = try fixture.engine(instance: "second")
            try await fixture.running { first in
                try await fixture.write(1...1000)
                try await fixture.expectApplied(1000)
                async let life: Void = second.run()
                #expect(
                    await soon {
                        first.status().partitions.count == 2
                            && second.status().partitions.count == 2
                    },
                    "\(first.status()) \(second.status())"
                )
                try await fixture.write(1001...3000)
                try await fixture.expectApplied(3000)
                #expect(await soon { second.status().appliedTotal > 0 })
                second.stop(grace: .seconds(10))
                await life
                try await fixture.write(3001...4000)
                try await fixture.expectApplied(4000)
                #expect(await soon { first.status().partitions.count == 4 })
            }
        }
    }

    @Test(arguments: BrokerKind.available)
    func `a partition that stays is applied on while the group is divided anew`(
        kind: BrokerKind
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, kind.broker(), partitions: 2)
            let recorder = LogRecorder()
            let first = try fixture.engine(properties: Self.patient, log: recorder.log())
            let second = try fixture.engine(instance: "second", properties: Self.patient)
            try await fixture.running(first) { first in
                try await fixture.write(1...100)
                try await fixture.expectApplied(100)
                let before = try await fixture.generations()
                async let life: Void = second.run()
                // One number after the other, for as long as the division lasts.
                var last = 100
                let isDivided = try await soon {
                    last += 1
                    try await fixture.write(last...last)
                    return second.status().partitions.count == 1
                        && first.status().partitions.count == 1
                }
                #expect(isDivided, "\(first.status()) \(second.status())")
                try await fixture.expectApplied(last)
                // What stayed was neither given up nor taken a second time; what went was taken.
                let after = try await fixture.generations()
                let stayed = try #require(first.status().partitions.first?.partition)
                for (partition, generation) in after {
                    #expect((generation == before[partition]) == (partition == stayed))
                }
                let lines = recorder.lines
                #expect(!lines.contains { $0.contains("the inbox begins anew") })
                let name = "\(KafkaPartition(topic: fixture.topic, partition: stayed))"
                let given = lines.filter { $0.contains("gave partitions up") }
                #expect(!given.contains { $0.contains(name) })
                second.stop(grace: .seconds(10))
                await life
            }
        }
    }

    /// The built-in broker divides without a member that says nothing for as long as a session lasts,
    /// or nearly.
    private static let patient = [("session.timeout.ms", "15000")]

    @Test(arguments: BrokerKind.available)
    func `a reader whose partition was taken commits nothing, and begins anew`(
        kind: BrokerKind
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, kind.broker())
            try await fixture.running { engine in
                try await fixture.write(1...500)
                try await fixture.expectApplied(500)
                try await database.run("UPDATE postbox.position SET generation = generation + 1")
                try await fixture.write(501...1000)
                try await fixture.expectApplied(1000)
                #expect(engine.status().duplicatesTotal == 0)
            }
        }
    }

    @Test func `a stop does not wait for a position that another reader has taken`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker())
            let engine = try fixture.engine()
            async let life: Void = engine.run()
            try await fixture.write(1...100)
            try await fixture.expectApplied(100)
            // Another reader is about to take the positions; the lane waits for what it says.
            let other = try PostgresSession(connectingTo: database.target(), within: patience)
            try other.run("BEGIN; UPDATE postbox.position SET generation = generation + 1")
            try await fixture.write(101...200)
            let waiting = """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
                """
            #expect(try await soon { try await database.number(waiting) > 0 })
            engine.stop(grace: .seconds(100_000))
            #expect(await soon { engine.status().state == .draining })
            try other.run("COMMIT")
            await life
            #expect(try await fixture.applied() == 100)
        }
    }

    @Test(arguments: BrokerKind.available)
    func `an offset that somebody moved in Kafka changes nothing, with a warning`(
        kind: BrokerKind
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, kind.broker(), partitions: 1)
            try await fixture.running { _ in
                try await fixture.write(1...500)
                try await fixture.expectApplied(500)
            }
            try await fixture.moveGroup(to: 10)
            let recorder = LogRecorder()
            try await fixture.running(log: recorder.log()) { engine in
                try await fixture.write(501...600)
                try await fixture.expectApplied(600)
                #expect(engine.status().appliedTotal <= 100)
                #expect(engine.status().duplicatesTotal == 0)
            }
            #expect(recorder.lines.contains { $0.contains("differ from our positions") })
        }
    }

    @Test(arguments: BrokerKind.available)
    func `an offset of our own that lags, as after a crash, is no cause for a warning`(
        kind: BrokerKind
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, kind.broker(), partitions: 1)
            try await fixture.running { _ in
                try await fixture.write(1...100)
                try await fixture.expectApplied(100)
            }
            // Every clean stop has told the group how far it was: as if this one had not.
            try await database.run(
                "UPDATE postbox.position SET next_offset = 90, record_time = NULL"
            )
            let recorder = LogRecorder()
            try await fixture.running(log: recorder.log()) { engine in
                #expect(await soon { engine.status().duplicatesTotal == 10 })
            }
            #expect(!recorder.lines.contains { $0.contains("differ from our positions") })
        }
    }

    @Test
    func `a partition that ends before our position stands still until it is sought`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(
                database,
                BrokerKind.builtIn.broker(),
                partitions: 1
            )
            try await fixture.running { _ in
                try await fixture.write(1...100)
                try await fixture.expectApplied(100)
            }
            // As if the topic had been made anew: it ends before where we were.
            try await database.run("UPDATE postbox.position SET next_offset = 1000")
            try await fixture.running { engine in
                #expect(
                    await soon { engine.status().partitions.first?.problem != nil },
                    "\(engine.status())"
                )
                try await fixture.write(101...200)
                #expect(try await fixture.applied() == 100)
                try await database.run(
                    "UPDATE postbox.position SET next_offset = 100, generation = generation + 1"
                )
                try await fixture.expectApplied(200)
                #expect(await soon { engine.status().partitions.first?.problem == nil })
            }
        }
    }
}

extension InboxGroupTests {
    @Test(arguments: BrokerKind.available)
    func `a topic made anew stands still until it is sought, however long it is`(
        kind: BrokerKind
    ) async throws {
        try await withTestDatabase { database in
            var fixture = try await InboxFixture(database, kind.broker(), partitions: 1)
            try await fixture.running { _ in
                try await fixture.write(1...100)
                try await fixture.expectApplied(100)
            }
            try await fixture.broker.remakeTopic(fixture.topic, partitions: 1)
            try await fixture.write(101...400)
            try await fixture.running { engine in
                _ = await soon { engine.status().partitions.first?.problem != nil }
                let problem = engine.status().partitions.first?.problem ?? ""
                #expect(problem.contains("made anew"), "\(engine.status())")
                #expect(try await fixture.applied() == 100)
                let desk = PositionDesk(
                    definition: fixture.definition,
                    database: try database.target(),
                    kafka: fixture.broker.cluster
                )
                _ = try desk.seek(SeekOrder(inbox: "accounts", to: .offset(50), applies: true))
                // Numbers 1 to 100 of the old topic, and 151 to 400 of the new one.
                try await fixture.expectApplied(350, total: 5_050 + 68_875)
            }
        }
    }
}

extension InboxGroupTests {
    @Test
    func `as long as Kafka does not say whether a topic is the same, none of it is applied`()
        async throws
    {
        try await withTestDatabase { database in
            var fixture = try await InboxFixture(
                database,
                BrokerKind.builtIn.broker(),
                partitions: 1
            )
            try await fixture.running { _ in
                try await fixture.write(1...100)
                try await fixture.expectApplied(100)
            }
            let anew = try MockBroker()
            try anew.createTopic(fixture.topic, partitions: 1)
            fixture.broker = .builtIn(anew)
            try await fixture.write(101...400)
            anew.refuseFetches()
            let recorder = LogRecorder()
            try await fixture.running(log: recorder.log()) { engine in
                let isAsked = await soon {
                    recorder.lines.contains { $0.contains("cannot tell whether") }
                }
                #expect(isAsked)
                anew.clearErrors(.fetch)
                let isHalted = await soon {
                    engine.status().partitions.first?.problem?.contains("made anew") ?? false
                }
                #expect(isHalted, "\(engine.status())")
                let applied = try await fixture.applied()
                #expect(applied == 100)
            }
        }
    }
}

extension InboxFixture {
    /// How often each partition was taken.
    fileprivate func generations() async throws -> [Int32: Int64] {
        try await database.connection.withSession { session in
            let rows = try session.query("SELECT partition, generation FROM postbox.position")
            return Dictionary(
                uniqueKeysWithValues: (0..<rows.count).map {
                    (Int32(rows.int($0, 0)), rows.int64($0, 1))
                }
            )
        }
    }

    /// Stores another offset for the group, as an operator's tool would.
    fileprivate func moveGroup(to offset: Int64) async throws {
        let cluster = KafkaCluster(
            name: broker.cluster.name,
            brokers: broker.cluster.brokers,
            properties: broker.cluster.properties + [("session.timeout.ms", "6000")]
        )
        let tool = try KafkaConsumer(cluster, group: definition.group)
        try tool.subscribe([topic])
        let hasJoined = try await soon {
            _ = tool.next(max: 1)
            return try !tool.assignment().isEmpty
        }
        try #require(hasJoined)
        try tool.commit([KafkaPartition(topic: topic, partition: 0): offset])
        tool.close()
    }
}
