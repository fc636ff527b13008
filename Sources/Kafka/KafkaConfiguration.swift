/// Turns the settings of a cluster into configurations of librdkafka that keep our promises.
package struct KafkaConfiguration: Sendable {
    package let cluster: KafkaCluster
    private let log: KafkaLog?

    /// Without a `log`, librdkafka's log lines are dropped.
    package init(_ cluster: KafkaCluster, log: KafkaLog? = nil) {
        self.cluster = cluster
        self.log = log
    }

    /// All properties that librdkafka or our promises refuse, in the order given.
    package static func problems(
        in properties: [(String, String)]
    ) -> [KafkaPropertyProblem] {
        properties.compactMap { problem(name: $0, value: $1) }
    }

    /// A configuration for a producer: idempotent, acknowledged by all, without end of patience.
    ///
    /// With `gapless` it stops for good at the first message that cannot be written, so that
    /// nothing of its partition overtakes it.
    package func makeProducerConfiguration(
        gapless: Bool
    ) throws(KafkaError) -> ConfigurationHandle {
        try make(
            scope: .producer,
            defaults: Self.producerDefaults,
            // Without it, records are sent one at a time: nothing would come to wait for.
            fixed: gapless
                ? [("enable.gapless.guarantee", "true")]
                : [("enable.gapless.guarantee", "false"), ("linger.ms", "0")]
        )
    }

    /// A configuration for a consumer that commits nothing by itself.
    package func makeConsumerConfiguration(
        group: String
    ) throws(KafkaError) -> ConfigurationHandle {
        try make(
            scope: .consumer,
            defaults: Self.consumerDefaults,
            fixed: [("group.id", group)]
        )
    }

    /// A fetch may bring as much again as is queued already.
    static func queuedBytes(of memory: Int) -> Int { min(max(memory / 2, 1 << 16), 1 << 30) }

    /// A configuration for a consumer that looks at single records, and fetches little beside them.
    func makePeekConfiguration(group: String) throws(KafkaError) -> ConfigurationHandle {
        try make(
            scope: .consumer,
            defaults: Self.consumerDefaults,
            fixed: [
                ("group.id", group), ("enable.partition.eof", "true"),
                // Where there is no such place, what comes instead says on which side of it.
                ("auto.offset.reset", "earliest"),
                ("fetch.message.max.bytes", "1024"), ("queued.min.messages", "1"),
                ("allow.auto.create.topics", "false"),
            ]
        )
    }

    /// How many records may be queued, whatever their size.
    static let queuedRecords = 100_000

    /// A configuration for a member of a group that reads nothing itself.
    func makeMemberConfiguration(group: String) throws(KafkaError) -> ConfigurationHandle {
        try make(
            scope: .consumer,
            defaults: Self.consumerDefaults + Self.groupDefaults,
            fixed: [("group.id", group)]
        )
    }

    /// A configuration for a consumer that is told where each partition begins, and fetches about
    /// `memory` bytes ahead.
    ///
    /// It bears the name of a group, which it never joins: an access list knows that name.
    func makeReadingConfiguration(
        group: String,
        memory: Int
    ) throws(KafkaError) -> ConfigurationHandle {
        let queued = Self.queuedBytes(of: memory)
        let sizes = [
            ("queued.max.messages.kbytes", "\(queued / 1024)"),
            ("fetch.message.max.bytes", "\(min(queued, 1 << 20))"),
        ]
        return try make(
            scope: .consumer,
            defaults: Self.consumerDefaults + sizes,
            // A position that is gone must be seen, not replaced by another one.
            fixed: [
                ("group.id", group), ("auto.offset.reset", "error"),
                ("allow.auto.create.topics", "false"),
            ]
        )
    }

    /// A configuration for admin calls.
    ///
    /// It is a consumer's, so that asking for a topic's metadata never creates the topic.
    package func makeAdminConfiguration() throws(KafkaError) -> ConfigurationHandle {
        try make(
            scope: .consumer,
            defaults: [],
            fixed: [("allow.auto.create.topics", "false")]
        )
    }

    private func make(
        scope: PropertyCatalogue.Scope,
        defaults: [(String, String)],
        fixed: [(String, String)]
    ) throws(KafkaError) -> ConfigurationHandle {
        let problems = Self.problems(in: cluster.properties)
        guard problems.isEmpty else {
            throw .invalidArgument(problems.map(\.description).joined(separator: "; "))
        }
        let configuration = ConfigurationHandle(log: log)
        let catalogue = PropertyCatalogue.linked
        let wanted = cluster.properties.filter {
            [.both, scope].contains(catalogue.scope(of: $0.0))
        }
        let ours = fixed + [("bootstrap.servers", cluster.brokers.joined(separator: ","))]
        for (name, value) in Self.connectionDefaults + defaults + wanted + ours {
            try configuration.set(name, value)
        }
        return configuration
    }

    private static func problem(name: String, value: String) -> KafkaPropertyProblem? {
        if let reason = KafkaPropertyRules.refusal(of: name, value: value) {
            return KafkaPropertyProblem(property: name, reason: reason)
        }
        do throws(KafkaError) {
            try ConfigurationHandle(log: nil).set(name, value)
            return nil
        } catch {
            let catalogue = PropertyCatalogue.linked
            let nearest = catalogue.knows(name) ? nil : catalogue.nearest(to: name)
            return KafkaPropertyProblem(property: name, reason: error.reason, nearest: nearest)
        }
    }
}

extension KafkaConfiguration {
    private static let connectionDefaults = [
        ("client.id", "postbox"),
        ("socket.nagle.disable", "true"),
        ("socket.keepalive.enable", "true"),
        ("reconnect.backoff.ms", "50"),
        ("reconnect.backoff.max.ms", "500"),
        ("statistics.interval.ms", "0"),
    ]

    private static let producerDefaults = [
        ("acks", "all"),
        ("enable.idempotence", "true"),
        ("max.in.flight.requests.per.connection", "5"),
        ("linger.ms", "0.5"),
        ("batch.num.messages", "10000"),
        ("batch.size", "1000000"),
        ("queue.buffering.max.messages", "1000000"),
        ("queue.buffering.max.kbytes", "2097151"),
        ("retry.backoff.ms", "50"),
        ("message.timeout.ms", "0"),
        ("message.send.max.retries", "2147483647"),
        // The placement of the Java clients, so that a key stays in its partition.
        ("partitioner", "murmur2_random"),
    ]

    private static let consumerDefaults = [
        ("enable.auto.commit", "false"),
        ("enable.auto.offset.store", "false"),
        ("auto.offset.reset", "earliest"),
        ("isolation.level", "read_committed"),
        ("check.crcs", "true"),
        ("partition.assignment.strategy", "range"),
        ("fetch.wait.max.ms", "100"),
        ("fetch.error.backoff.ms", "50"),
        ("queued.min.messages", "\(queuedRecords)"),
    ]

    /// Hands over within seconds, and finds new topics of a regular expression within half a minute.
    private static let groupDefaults = [
        ("session.timeout.ms", "15000"),
        ("heartbeat.interval.ms", "1000"),
        ("topic.metadata.refresh.interval.ms", "30000"),
        ("allow.auto.create.topics", "false"),
    ]
}
