/// librdkafka's built-in broker: it listens on loopback, keeps records in memory and can misbehave.
///
/// It checks no sequence numbers, so that with more than one request in flight an idempotent
/// producer can be told that records were written which were not: producers against it need
/// `max.in.flight.requests.per.connection=1`. It keeps about 5 MB per partition and drops the
/// oldest beyond that: consumers must read along. A group takes three seconds to form, and once its
/// last member has left it takes in nobody again.
package final class MockBroker: Sendable {
    /// The kinds of request that can be made to fail, by Kafka's numbers.
    package enum Request: Int16, Sendable {
        case produce = 0
        case fetch = 1
        case listOffsets = 2
        case metadata = 3
        case offsetCommit = 8
        case offsetFetch = 9
        case findCoordinator = 10
        case joinGroup = 11
        case heartbeat = 12
        case leaveGroup = 13
        case syncGroup = 14
        case initProducerID = 22
    }

    /// What a client connects to.
    package let bootstrapServers: String
    private let handle: MockClusterHandle
    private let defaultPartitions: Int

    /// Starts `brokers` brokers, numbered from 1.
    ///
    /// `defaultPartitions` counts for `createTopic`; a topic that a client creates by writing
    /// to it always gets 4.
    package init(brokers: Int = 1, defaultPartitions: Int = 4) throws(KafkaError) {
        handle = try MockClusterHandle(brokers: brokers)
        bootstrapServers = handle.bootstrapServers
        self.defaultPartitions = defaultPartitions
    }

    /// This broker as the settings of a cluster, with what it needs.
    package func cluster(properties: [(String, String)] = []) -> KafkaCluster {
        KafkaCluster(
            name: "mock",
            brokers: bootstrapServers.split(separator: ",").map(String.init),
            properties: Self.needs + properties
        )
    }

    /// One request, for it checks no sequence of a producer.
    ///
    /// When the machine stands still for a second while a group is divided, it drops waiting members
    /// without an answer: three seconds after the interval a member asks anew. The interval is twice a
    /// session, for the broker aborts when a member asks anew that it has not dropped.
    private static let needs = [
        ("max.in.flight.requests.per.connection", "1"), ("session.timeout.ms", "15000"),
        ("max.poll.interval.ms", "30000"),
    ]

    package func createTopic(_ topic: String, partitions: Int? = nil) throws(KafkaError) {
        try handle.createTopic(topic, partitions: partitions ?? defaultPartitions)
    }

    /// Cuts all connections to a broker and refuses new ones; nil means every broker.
    ///
    /// Its partitions keep it as their leader.
    package func setDown(_ broker: Int32? = nil) throws(KafkaError) {
        try handle.setDown(broker: broker ?? Self.every)
    }

    package func setUp(_ broker: Int32? = nil) throws(KafkaError) {
        try handle.setUp(broker: broker ?? Self.every)
    }

    /// Delays every answer.
    package func setRoundTrip(_ time: Duration, broker: Int32? = nil) throws(KafkaError) {
        try handle.setRoundTrip(time, broker: broker ?? Self.every)
    }

    /// Lets the next requests of a kind fail, one for each code; nothing of them is carried out.
    ///
    /// The code -195 (`_TRANSPORT`) cuts the connection.
    package func pushErrors(_ request: Request, _ codes: Int32...) {
        handle.pushErrors(codes, request: request.rawValue)
    }

    /// Forgets the errors that were pushed and not used.
    package func clearErrors(_ request: Request) {
        handle.clearErrors(request: request.rawValue)
    }

    /// What metadata says of a topic from now on; 0 makes it well again.
    package func setTopicError(_ topic: String, _ code: Int32) {
        handle.setTopicError(topic, code)
    }

    /// Moves a partition to another broker; nil leaves it without a leader.
    package func setLeader(
        _ topic: String,
        partition: Int32,
        to broker: Int32?
    ) throws(KafkaError) {
        try handle.setLeader(topic, partition: partition, broker: broker ?? Self.every)
    }

    /// What the mock cluster takes for all brokers, or for none as a leader.
    private static let every: Int32 = -1
}
