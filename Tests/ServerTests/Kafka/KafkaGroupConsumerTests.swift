import Kafka
import TestKit
import Testing

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct KafkaGroupConsumerTests {
    private struct Refusal: Error, Equatable {}

    private func consumer(
        _ broker: TestBroker,
        _ group: String,
        memory: Int = 1 << 20,
        properties: [(String, String)] = []
    ) throws -> KafkaGroupConsumer {
        let cluster = KafkaCluster(
            name: broker.cluster.name,
            brokers: broker.cluster.brokers,
            properties: broker.cluster.properties + properties
        )
        return try KafkaGroupConsumer(cluster, group: group, memory: memory)
    }

    /// Reads until there are `count` records, or until nothing has come for half a minute.
    ///
    /// A member that joins again while the built-in broker waits for its plan is answered when its
    /// session has run out, after 15 s.
    private func records(_ count: Int, from consumer: KafkaGroupConsumer) throws -> [KafkaRecord] {
        var records: [KafkaRecord] = []
        var deadline = ContinuousClock.now + .seconds(30)
        while records.count < count, ContinuousClock.now < deadline {
            let batch = try consumer.next(timeout: .milliseconds(100))
            if !batch.isEmpty { deadline = .now + .seconds(30) }
            records += batch.records()
        }
        return records
    }

    @Test(arguments: BrokerKind.available)
    func `each partition is read from where its owner says, and one left out is not`(
        kind: BrokerKind
    ) throws {
        let broker = try kind.broker()
        let topic = try broker.makeTopic(partitions: 3)
        let partitions = (0..<3).map { KafkaPartition(topic: topic, partition: $0) }
        let producer = try PlainProducer(broker.cluster)
        for partition in partitions { try producer.send(partition, numbers: 0..<20) }
        let consumer = try consumer(broker, topic)
        var given: Set<KafkaPartition> = []
        var revoked: Set<KafkaPartition> = []
        try consumer.subscribe(
            [topic],
            onAssigned: { all in
                given.formUnion(all)
                return [
                    partitions[0]: .offset(15), partitions[2]: .beginning,
                    KafkaPartition(topic: "not-given", partition: 0): .beginning,
                ]
            },
            onRevoked: { gone, _ in revoked.formUnion(gone) }
        )
        let read = try records(25, from: consumer)
        #expect(read.filter { $0.partition == partitions[0] }.map(\.offset) == Array(15..<20))
        #expect(read.filter { $0.partition == partitions[2] }.map(\.offset) == Array(0..<20))
        let isIdle = try consumer.next(timeout: .milliseconds(300)).isEmpty
        #expect(isIdle)
        #expect(given == Set(partitions))
        #expect(consumer.partitions == [partitions[0], partitions[2]])
        #expect(consumer.memberID != nil)
        #expect(consumer.knownWatermarks(of: partitions[0])?.upperBound == 20)
        #expect(consumer.close())
        #expect(revoked == given)
        #expect(consumer.close(), "closing again is no error")
    }

    @Test(arguments: BrokerKind.available)
    func `a queue that was full is filled again as soon as there is room`(
        kind: BrokerKind
    ) throws {
        let broker = try kind.broker()
        let topic = try broker.makeTopic(partitions: 1)
        let partition = KafkaPartition(topic: topic, partition: 0)
        let producer = try PlainProducer(broker.cluster)
        let value = [UInt8](repeating: UInt8(ascii: "x"), count: 1_000)
        for _ in 0..<3_000 { try producer.send(partition, value: value) }
        try producer.flush()
        let consumer = try consumer(broker, topic, memory: 1 << 18)
        try consumer.subscribe(
            [topic],
            onAssigned: { _ in [partition: .beginning] },
            onRevoked: { _, _ in }
        )
        let first = try records(1, from: consumer)
        let start = ContinuousClock.now
        let rest = try records(3_000 - first.count, from: consumer)
        #expect(first.count + rest.count == 3_000)
        // A second of sleep at each full queue would be 20 seconds.
        #expect(ContinuousClock.now - start < .seconds(15))
        consumer.close()
    }

    @Test(arguments: BrokerKind.available)
    func `a position that Kafka does not have is a problem of its partition alone`(
        kind: BrokerKind
    ) throws {
        let broker = try kind.broker()
        let topic = try broker.makeTopic(partitions: 2)
        let partitions = (0..<2).map { KafkaPartition(topic: topic, partition: $0) }
        let producer = try PlainProducer(broker.cluster)
        for partition in partitions { try producer.send(partition, numbers: 0..<5) }
        let consumer = try consumer(broker, topic)
        try consumer.subscribe(
            [topic],
            onAssigned: { _ in [partitions[0]: .offset(1_000), partitions[1]: .beginning] },
            onRevoked: { _, _ in }
        )
        var (count, problems) = (0, [KafkaBatch.Problem]())
        let deadline = ContinuousClock.now + .seconds(40)
        while count < 5 || problems.isEmpty, ContinuousClock.now < deadline {
            let batch = try consumer.next()
            count += batch.count
            problems += batch.problems
        }
        #expect(count == 5)
        #expect(problems.map(\.partition) == [partitions[0]])
        #expect(problems.allSatisfy { $0.error.isOffsetOutOfRange })
        #expect(consumer.close())
    }

    @Test(arguments: BrokerKind.available)
    func `what its owner throws ends the consumer`(kind: BrokerKind) throws {
        let broker = try kind.broker()
        let topic = try broker.makeTopic(partitions: 1)
        let consumer = try consumer(broker, topic)
        try consumer.subscribe(
            [topic],
            onAssigned: { _ in throw Refusal() },
            onRevoked: { _, _ in }
        )
        #expect(throws: Refusal()) { while true { _ = try consumer.next() } }
        #expect(throws: Refusal()) { _ = try consumer.next() }
        #expect(consumer.close())
    }

    @Test(arguments: BrokerKind.available)
    func `a regular expression finds a topic that is made later`(kind: BrokerKind) throws {
        let broker = try kind.broker()
        let first = try broker.makeTopic("early", partitions: 1)
        let refresh = ("topic.metadata.refresh.interval.ms", "1000")
        let consumer = try consumer(broker, first, properties: [refresh])
        let stem = "late\(first.dropFirst(5))"
        try consumer.subscribe(
            ["^\(first)$", "^\(stem)"],
            onAssigned: { Dictionary(uniqueKeysWithValues: $0.map { ($0, .beginning) }) },
            onRevoked: { _, _ in }
        )
        let producer = try PlainProducer(broker.cluster)
        try producer.send(KafkaPartition(topic: first, partition: 0), numbers: 0..<1)
        #expect(try records(1, from: consumer).map(\.partition.topic) == [first])
        let later = try broker.makeTopic(stem, partitions: 1)
        try producer.send(KafkaPartition(topic: later, partition: 0), numbers: 0..<1)
        // The group was divided anew, and the first topic goes on where it was.
        #expect(try records(1, from: consumer).map(\.partition.topic) == [later])
        #expect(try consumer.metadata().topics.contains { $0.name == later })
        #expect(consumer.close())
    }

    @Test(arguments: BrokerKind.available)
    func `a commit that is not waited for arrives`(kind: BrokerKind) throws {
        let broker = try kind.broker()
        let topic = try broker.makeTopic(partitions: 1)
        let partition = KafkaPartition(topic: topic, partition: 0)
        try PlainProducer(broker.cluster).send(partition, numbers: 0..<5)
        let consumer = try consumer(broker, topic)
        try consumer.subscribe(
            [topic],
            onAssigned: { _ in [partition: .offset(0)] },
            onRevoked: { _, _ in }
        )
        #expect(try records(5, from: consumer).count == 5)
        #expect(consumer.commitLater([partition: 3]))
        let deadline = ContinuousClock.now + .seconds(30)
        while try consumer.committed([partition]) != [partition: 3], .now < deadline {}
        while !consumer.commitLater([partition: 4]), .now < deadline {}
        #expect(consumer.commitProblem == nil)
        try consumer.commit([partition: 5])
        #expect(try consumer.committed([partition]) == [partition: 5])
        #expect(try consumer.watermarks(of: partition) == 0..<5)
        #expect(consumer.close())
    }

    @Test(arguments: BrokerKind.available)
    func `a record larger than the memory is read all the same`(kind: BrokerKind) throws {
        let broker = try kind.broker()
        let topic = try broker.makeTopic(partitions: 1)
        let partition = KafkaPartition(topic: topic, partition: 0)
        let producer = try PlainProducer(broker.cluster)
        for size in [900_000, 10, 900_000] {
            try producer.send(partition, value: [UInt8](repeating: 7, count: size))
        }
        try producer.flush()
        let consumer = try consumer(broker, topic, memory: 100_000)
        try consumer.subscribe(
            [topic],
            onAssigned: { _ in [partition: .beginning] },
            onRevoked: { _, _ in }
        )
        let sizes = try records(3, from: consumer).map { $0.value?.count }
        #expect(sizes == [900_000, 10, 900_000])
        #expect(consumer.close())
    }

    @Test func `without a broker nothing is assigned, and a close is bounded`() throws {
        let cluster = KafkaCluster(name: "gone", brokers: ["127.0.0.1:1"])
        let consumer = try KafkaGroupConsumer(cluster, group: "g", memory: 1 << 20)
        try consumer.subscribe(["t"], onAssigned: { _ in [:] }, onRevoked: { _, _ in })
        let isEmpty = try consumer.next().isEmpty
        #expect(isEmpty)
        let started = ContinuousClock.now
        consumer.close(within: .seconds(1))
        #expect(started.duration(to: .now) < .seconds(5))
        #expect(consumer.partitions.isEmpty)
    }
}

/// A rebalance stops only what it moves.
extension KafkaGroupConsumerTests {
    /// What a member's owner has heard.
    private final class Owner {
        let consumer: KafkaGroupConsumer
        var owned: Set<KafkaPartition> = []
        var gone: Set<KafkaPartition> = []

        init(_ consumer: KafkaGroupConsumer, of topic: String, from start: Int64) throws {
            self.consumer = consumer
            try consumer.subscribe(
                [topic],
                onAssigned: { [unowned self] new in
                    owned.formUnion(new)
                    return Dictionary(uniqueKeysWithValues: new.map { ($0, .offset(start)) })
                },
                onRevoked: { [unowned self] old, _ in
                    owned.subtract(old)
                    gone.formUnion(old)
                }
            )
        }
    }

    @Test(arguments: BrokerKind.available)
    func `what stays is read on while the group is divided, and its owner hears only of what goes`(
        kind: BrokerKind
    ) throws {
        let broker = try kind.broker()
        // Of three of six partitions a member keeps at least one when there are two for each.
        let topic = try broker.makeTopic(partitions: 6)
        let partitions = Set((0..<6).map { KafkaPartition(topic: topic, partition: $0) })
        let producer = try PlainProducer(broker.cluster)
        // The built-in broker divides a second before it ends, whoever is missing.
        let session = [("session.timeout.ms", "15000"), ("heartbeat.interval.ms", "200")]
        let owners = try [Int64](repeating: 0, count: 2).map {
            try Owner(consumer(broker, topic, properties: session), of: topic, from: $0)
        }
        let (first, second) = (owners[0].consumer, owners[1].consumer)
        try poll([first, second]) {
            first.partitions.count == 3 && second.partitions.count == 3
        }
        let before = first.partitions
        owners[0].gone = []

        // The second hears of nothing, so that the division for a third is not done.
        let third = try Owner(consumer(broker, topic, properties: session), of: topic, from: 10)
        try poll([first, third.consumer]) { first.isBeingDivided }
        for partition in before { try producer.send(partition, numbers: 0..<10) }
        #expect(try records(30, from: first).count == 30)
        #expect(first.isBeingDivided && owners[0].gone.isEmpty)

        try poll([first, second, third.consumer]) {
            [first, second, third.consumer].allSatisfy {
                !$0.isBeingDivided && !$0.partitions.isEmpty
            }
        }
        let shares = [first, second, third.consumer].map(\.partitions)
        #expect(shares.reduce(0) { $0 + $1.count } == 6)
        #expect(shares.reduce(into: Set()) { $0.formUnion($1) } == partitions)
        let stayed = before.intersection(first.partitions)
        #expect(!stayed.isEmpty)
        #expect(owners[0].owned == first.partitions)
        #expect(owners[0].gone == before.subtracting(stayed))
        for partition in stayed { try producer.send(partition, numbers: 10..<20) }
        let read = try records(10 * stayed.count, from: first)
        #expect(Set(read.map(\.offset)) == Set(10..<20))
        for member in [third.consumer, second, first] { #expect(member.close()) }
    }

    private func poll(_ members: [KafkaGroupConsumer], until isDone: () -> Bool) throws {
        let deadline = ContinuousClock.now + patience
        while !isDone(), .now < deadline {
            for member in members { _ = try member.next(timeout: .milliseconds(5)) }
        }
        try #require(isDone())
    }
}
