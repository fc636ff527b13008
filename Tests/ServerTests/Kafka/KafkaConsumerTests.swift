import Kafka
import TestKit
import Testing

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct KafkaConsumerTests {
    @Test(arguments: KafkaUnderTest.all)
    func `a record arrives with all its bytes`(kafka: KafkaUnderTest) throws {
        let under = try kafka.start()
        let producer = try PlainProducer(under.cluster)
        let every = (0...255).map(UInt8.init)
        try producer.send(
            under.partition(0),
            key: every,
            value: every,
            headers: [("a", [1, 0, 2]), ("b", []), ("b", nil), ("a", [3])]
        )
        try producer.send(under.partition(0), key: [], value: [])
        try producer.send(under.partition(0), key: nil, value: nil)
        try producer.flush()
        let consumer = try KafkaConsumer(under.cluster)
        try consumer.assign(topic: under.topic)
        let records = consumer.records(3)
        #expect(records.map(\.offset) == [0, 1, 2])
        #expect(records.map(\.key) == [every, [], nil])
        #expect(records.map(\.value) == [every, [], nil])
        #expect(records.first?.headers.map(\.name) == ["a", "b", "b", "a"])
        #expect(records.first?.headers.map(\.value) == [[1, 0, 2], [], nil, [3]])
        #expect(records.allSatisfy { $0.timestamp > 1_600_000_000_000 })
        #expect(records.allSatisfy { $0.partition == under.partition(0) })
    }

    @Test(arguments: KafkaUnderTest.all)
    func `facts of a whole batch agree with its records`(kafka: KafkaUnderTest) throws {
        let under = try kafka.start()
        let producer = try PlainProducer(under.cluster)
        try producer.send(under.partition(0), numbers: 0..<500)
        for text in ["-12", "", "-", "12x", "99999999999999999999", "9223372036854775807"] {
            try producer.send(under.partition(0), value: [], headers: [("seq", Array(text.utf8))])
        }
        try producer.send(under.partition(0), value: [])
        try producer.flush()
        let consumer = try KafkaConsumer(under.cluster)
        try consumer.assign(topic: under.topic)
        var offsets: [Int64] = []
        var numbers: [Int64?] = []
        while offsets.count < 507 {
            let batch = consumer.next(max: 100, timeout: .seconds(1))
            let columns = batch.columns()
            let records = batch.records()
            #expect(records.count <= 100)
            #expect(columns.offsets == records.map(\.offset))
            #expect(columns.timestamps == records.map(\.timestamp))
            offsets += columns.offsets
            numbers += batch.numbers(inHeader: "seq")
        }
        #expect(offsets == Array(0..<507))
        #expect(numbers == (0..<500).map(Int64.init) + [-12, nil, nil, nil, nil, .max, nil])
    }

    @Test func `keys and values are lent without a copy`() throws {
        let under = try KafkaUnderTest(bootstrapServers: nil).start()
        let producer = try PlainProducer(under.cluster)
        try producer.send(under.partition(0), key: [1, 2, 3], value: nil)
        try producer.flush()
        let consumer = try KafkaConsumer(under.cluster)
        try consumer.assign(topic: under.topic)
        let batch = consumer.next(max: 10, timeout: .seconds(10))
        let keySize = batch.withKey(at: 0) { $0?.byteCount }
        let isTombstone = batch.withValue(at: 0) { $0 == nil }
        let (count, offset, partition) = (batch.count, batch.offset(at: 0), batch.partition(at: 0))
        #expect(count == 1)
        #expect(keySize == 3)
        #expect(isTombstone)
        #expect(offset == 0)
        #expect(partition == under.partition(0))
    }

    @Test(arguments: KafkaUnderTest.all)
    func `reading starts where it is told`(kafka: KafkaUnderTest) throws {
        let under = try kafka.start()
        let producer = try PlainProducer(under.cluster)
        try producer.send(under.partition(0), numbers: 0..<100)
        let consumer = try KafkaConsumer(under.cluster)
        try consumer.assign([under.partition(0): .offset(40)])
        #expect(consumer.records(60).first?.offset == 40)
        try consumer.assign([under.partition(0): .beginning])
        #expect(consumer.records(100).map(\.offset) == Array(0..<100))
        try consumer.seek(under.partition(0), to: .offset(97))
        #expect(consumer.records(3).map(\.offset) == [97, 98, 99])
        #expect(try consumer.positions([under.partition(0)]) == [under.partition(0): 100])
        #expect(try consumer.watermarks(of: under.partition(0)) == 0..<100)
    }

    @Test(arguments: KafkaUnderTest.all)
    func `reading from the end sees only what comes later`(kafka: KafkaUnderTest) throws {
        let under = try kafka.start()
        let producer = try PlainProducer(under.cluster)
        try producer.send(under.partition(0), numbers: 0..<10)
        let consumer = try KafkaConsumer(under.cluster)
        let end = try consumer.watermarks(of: under.partition(0)).upperBound
        try consumer.assign([under.partition(0): .offset(end)])
        let isIdle = consumer.next(timeout: .milliseconds(50)).isEmpty
        #expect(isIdle)
        try producer.send(under.partition(0), numbers: 10..<12)
        #expect(consumer.records(2).compactMap { $0.header("seq") } == ["10", "11"])
    }

    @Test(arguments: KafkaUnderTest.all)
    func `a paused partition gives nothing until it is resumed`(kafka: KafkaUnderTest) throws {
        let under = try kafka.start(partitions: 2)
        let producer = try PlainProducer(under.cluster)
        let consumer = try KafkaConsumer(under.cluster)
        try consumer.assign(topic: under.topic)
        try consumer.pause([under.partition(0)])
        try producer.send(under.partition(0), numbers: 0..<5)
        try producer.send(under.partition(1), numbers: 0..<5)
        #expect(consumer.records(5).allSatisfy { $0.partition == under.partition(1) })
        try consumer.resume([under.partition(0)])
        #expect(consumer.records(5).allSatisfy { $0.partition == under.partition(0) })
    }

    @Test(arguments: KafkaUnderTest.all)
    func `a commit is what the group's next reader goes on from`(kafka: KafkaUnderTest) throws {
        let under = try kafka.start()
        let group = "group-\(under.topic)"
        let partition = under.partition(0)
        try PlainProducer(under.cluster).send(partition, numbers: 0..<20)
        let first = try KafkaConsumer(under.cluster, group: group)
        try first.assign(topic: under.topic)
        #expect(first.records(20).count == 20)
        #expect(try first.committed([partition]).isEmpty)
        try first.commit([partition: 15])
        #expect(try first.committed([partition]) == [partition: 15])
        let second = try KafkaConsumer(under.cluster, group: group)
        try second.assign([partition: .committed])
        #expect(second.records(5).map(\.offset) == Array(15..<20))
    }

    @Test(arguments: KafkaUnderTest.all)
    func `a group gives its partitions to a subscriber`(kafka: KafkaUnderTest) throws {
        let under = try kafka.start(partitions: 2)
        try PlainProducer(under.cluster).send(under.partition(1), numbers: 0..<3)
        let consumer = try KafkaConsumer(under.cluster, group: "group-\(under.topic)")
        try consumer.subscribe([under.topic])
        #expect(consumer.records(3).count == 3)
        #expect(Set(try consumer.assignment()) == [under.partition(0), under.partition(1)])
        #expect(consumer.close())
        #expect(consumer.close(), "closing again is no error")
    }

    @Test(arguments: KafkaUnderTest.real)
    func `after a close another member takes over at once`(kafka: KafkaUnderTest) throws {
        let under = try kafka.start()
        let group = "group-\(under.topic)"
        try PlainProducer(under.cluster).send(under.partition(0), numbers: 0..<3)
        for _ in 0..<3 {
            let member = try KafkaConsumer(under.cluster, group: group)
            try member.subscribe([under.topic])
            #expect(member.records(3).count == 3)
            #expect(member.close())
        }
    }
}
