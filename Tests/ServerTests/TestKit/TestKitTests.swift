import Kafka
import TestKit
import Testing

struct TestKitTests {
    @Test func `a test has a database of its own, gone after it`() async throws {
        let name = try await withTestDatabase { database in
            try await database.run("CREATE TABLE mine (id bigint); INSERT INTO mine VALUES (7)")
            let id = try await database.number("SELECT id FROM mine")
            #expect(id == 7)
            return database.name
        }
        try await withTestDatabase { database in
            let sql = "SELECT count(*) FROM pg_database WHERE datname = '\(name)'"
            let count = try await database.number(sql)
            #expect(count == 0)
        }
    }

    @Test func `a database goes with its prepared transactions`() async throws {
        try await withTestDatabase { database in
            try await database.run("CREATE TABLE mine (id bigint)")
            try await database.run("BEGIN; INSERT INTO mine VALUES (1); PREPARE TRANSACTION 'p'")
        }
    }

    @Test(arguments: BrokerKind.available)
    func `a topic that nobody writes to ends empty`(_ kind: BrokerKind) throws {
        let broker = try kind.broker()
        let topic = try broker.makeTopic()
        let verdict = TopicReader(topic: topic, cluster: broker.cluster).finish()
        #expect(verdict.holds)
        #expect(verdict.distinctCount == 0)
    }

    @Test func `the same seed gives the same numbers`() {
        var first = Seed(1).makeGenerator()
        var second = Seed(1).makeGenerator()
        #expect((0..<4).map { _ in first.next() } == (0..<4).map { _ in second.next() })
    }
}
