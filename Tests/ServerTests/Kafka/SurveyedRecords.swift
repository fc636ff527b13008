import Kafka
import Testing

/// A record as a test writes it.
struct WrittenRecord: Sendable {
    var key: [UInt8]?
    var value: [UInt8]?
    var headers: [(String, [UInt8]?)]

    init(key: [UInt8]? = nil, value: [UInt8]? = [], headers: [(String, [UInt8]?)] = []) {
        self.key = key
        self.value = value
        self.headers = headers
    }

    init(id: String) {
        self.init(headers: [("message-id", Array(id.utf8))])
    }
}

/// Writes the records to one partition of the built-in broker and surveys them as one batch.
func survey(
    _ records: [WrittenRecord],
    _ rule: KafkaSurveyRule = KafkaSurveyRule(id: .header("message-id"))
) throws -> KafkaSurvey {
    let broker = try MockBroker()
    try broker.createTopic("events", partitions: 1)
    let partition = KafkaPartition(topic: "events", partition: 0)
    // All that is small goes in one request, at the flush, so that it comes in one batch.
    let cluster = broker.cluster(properties: [("linger.ms", "60000")])
    let producer = try PlainProducer(cluster)
    try producer.learn("events")
    for record in records {
        try producer.send(
            partition,
            key: record.key,
            value: record.value,
            headers: record.headers
        )
    }
    try producer.flush()
    let consumer = try KafkaConsumer(cluster)
    try consumer.assign([partition: .beginning])
    let batch = consumer.next(max: records.count, timeout: .seconds(10))
    let count = batch.count
    try #require(count == records.count)
    return batch.survey(rule)
}
