import Kafka
import TestKit
import Testing

/// A topic and a group of a test's own.
private struct GroupUnderTest: Sendable {
    let broker: TestBroker
    let topic: String
    let ledger = GroupLedger()
    private let producer: PlainProducer

    init(_ kind: BrokerKind, partitions: Int) throws {
        broker = try kind.broker()
        topic = try broker.makeTopic("group", partitions: partitions)
        producer = try PlainProducer(broker.cluster)
    }

    var cluster: KafkaCluster {
        // Kafka takes no less. The built-in broker waits nearly as long at each rebalance, and three
        // seconds for the first member.
        let session = if case .builtIn = broker { "4000" } else { "6000" }
        let quick = [("session.timeout.ms", session), ("heartbeat.interval.ms", "200")]
        let cluster = broker.cluster
        return KafkaCluster(
            name: cluster.name,
            brokers: cluster.brokers,
            properties: cluster.properties + quick
        )
    }

    func member(_ name: String) -> GroupMember {
        GroupMember(
            name,
            cluster: cluster,
            topics: [topic],
            group: topic,
            ledger: ledger
        )
    }

    func send(_ count: Int, to partitions: Int32) throws {
        for partition in 0..<partitions {
            let partition = KafkaPartition(topic: topic, partition: partition)
            for number in 0..<count {
                try producer.send(partition, value: Array("\(number)".utf8))
            }
        }
        try producer.flush()
    }
}

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct KafkaGroupTests {
    @Test(arguments: BrokerKind.available)
    func `members share partitions and hand them over without a gap or a repeat`(
        _ kind: BrokerKind
    ) async throws {
        let under = try GroupUnderTest(kind, partitions: 4)
        let ledger = under.ledger
        try under.send(50, to: 4)
        let first = under.member("first")
        #expect(await blocking { ledger.hasApplied(200) })
        let second = under.member("second")
        #expect(await blocking { ledger.isShared(by: ["first", "second"], partitions: 4) })
        try under.send(50, to: 4)
        #expect(await blocking { ledger.hasApplied(400) })
        await blocking { first.leave() }
        #expect(await blocking { ledger.isShared(by: ["second"], partitions: 4) })
        try under.send(50, to: 4)
        #expect(await blocking { ledger.hasApplied(600) })
        await blocking { second.leave() }
        #expect(ledger.violations == [])
        #expect(first.problems + second.problems == [])
    }

    @Test(arguments: BrokerKind.available)
    func `what a crashed member read goes on with another, where the ledger stands`(
        _ kind: BrokerKind
    ) async throws {
        let under = try GroupUnderTest(kind, partitions: 4)
        let ledger = under.ledger
        let (stays, crashes) = (under.member("stays"), under.member("crashes"))
        #expect(await blocking { ledger.isShared(by: ["stays", "crashes"], partitions: 4) })
        try under.send(200, to: 4)
        await blocking { crashes.crash() }
        #expect(await blocking { ledger.isShared(by: ["stays"], partitions: 4) })
        #expect(await blocking { ledger.hasApplied(800) })
        await blocking { stays.leave() }
        #expect(ledger.violations == [])
        #expect(stays.problems == [])
    }

    @Test(arguments: BrokerKind.available)
    func `ten rebalances under load lose and repeat nothing`(
        _ kind: BrokerKind
    ) async throws {
        let under = try GroupUnderTest(kind, partitions: 6)
        let ledger = under.ledger
        var members = [under.member("member-0")]
        var problems: [String] = []
        #expect(await blocking { ledger.isShared(by: ["member-0"], partitions: 6) })
        for step in 1...10 {
            try under.send(100, to: 6)
            if members.count == 3 || (members.count == 2 && step.isMultiple(of: 3)) {
                let leaving = members.removeFirst()
                await blocking { leaving.leave() }
                problems += leaving.problems
            } else {
                members.append(under.member("member-\(step)"))
            }
            let names = Set(members.map(\.name))
            #expect(await blocking { ledger.isShared(by: names, partitions: 6) }, "step \(step)")
        }
        #expect(await blocking { ledger.hasApplied(6_000) })
        for member in members {
            await blocking { member.leave() }
            problems += member.problems
        }
        #expect(ledger.violations == [])
        #expect(problems == [])
    }
}
