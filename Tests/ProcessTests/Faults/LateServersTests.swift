import Messaging
import Postgres
import TestKit
import Testing
import Threads

/// P9: the order in which a machine's services start does not matter.
@Suite(.timeLimit(.minutes(5)))
struct LateServersTests {
    @Test func `it may be started before PostgreSQL is there`() async throws {
        let server = try PostgresPrivateServer()
        defer { server.remove() }
        try await withTestDatabase(on: server) { database in
            let outbox = try await OutboxUnderTest(database, BrokerKind.builtIn.broker())
            try await outbox.insert(500)
            await database.connection.disconnect()
            server.stop()
            let daemon = try DaemonUnderTest(outbox.configuration(instance: "a"))
            defer { daemon.kill() }
            let lane = await daemon.lane { $0.state == .connecting && $0.lastError != nil }
            #expect(lane != nil, "\(daemon.log)")
            try server.start()
            #expect(await outbox.reader.has(distinct: 500), "\(daemon.log)")
            try await outbox.insert(500)
            let verdict = try await outbox.finish(committed: 1_000)
            #expect(verdict.repeatCount == 0)
            #expect(await daemon.terminate() == .exited(0))
        }
    }

    @Test(arguments: BrokerKind.stoppable)
    func `it may be started before Kafka is there`(kind: BrokerKind) async throws {
        try await withTestDatabase { database in
            let broker = try kind.ownBroker()
            let outbox = try await OutboxUnderTest(database, broker, reads: false)
            try await outbox.insert(500)
            try broker.goDown()
            let daemon = try DaemonUnderTest(outbox.configuration(instance: "a"))
            defer { daemon.kill() }
            let lane = await daemon.lane { $0.state == .unreachable }
            #expect(lane != nil, "\(daemon.log)")
            try broker.comeBack()
            outbox.reader.begin()
            #expect(await outbox.reader.has(distinct: 500), "\(daemon.log)")
            try await outbox.insert(500)
            let verdict = try await outbox.finish(committed: 1_000)
            #expect(verdict.repeatCount == 0)
            #expect(await daemon.terminate() == .exited(0))
        }
    }
}
