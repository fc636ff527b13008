/// One inbox as configuration describes it: which topics reach which database, and under what rules.
package struct InboxDefinition: Sendable, Hashable {
    package var name: String
    /// The name of its database and of its Kafka cluster in the configuration.
    package var database: String
    package var kafka: String
    /// Topic names; one that begins with `^` is a regular expression.
    package var topics: [String]
    /// The consumer group whose members share the partitions.
    package var group: String
    package var dedup: DedupRule
    package var apply: ApplyRule
    package var lanes: Int
    /// The most messages that one lane applies in one transaction.
    package var batch: Int
    package var onFailure: FailurePolicy
    package var retry: RetryPolicy
    /// How long one statement of a handler may take.
    package var statementTimeout: Duration
    /// Where a partition begins that neither we nor its group have a position of.
    package var start: InboxStart
    /// Also receives a copy of every dead letter.
    package var deadLetterTopic: String?

    package init(
        name: String,
        database: String,
        kafka: String,
        topics: [String],
        group: String? = nil,
        dedup: DedupRule = DedupRule(),
        apply: ApplyRule,
        lanes: Int = 1,
        batch: Int = 1000,
        onFailure: FailurePolicy = .hold,
        retry: RetryPolicy = RetryPolicy(),
        statementTimeout: Duration = .seconds(30),
        start: InboxStart = .earliest,
        deadLetterTopic: String? = nil
    ) {
        self.name = name
        self.database = database
        self.kafka = kafka
        self.topics = topics
        self.group = group ?? name
        self.dedup = dedup
        self.apply = apply
        self.lanes = lanes
        self.batch = batch
        self.onFailure = onFailure
        self.retry = retry
        self.statementTimeout = statementTimeout
        self.start = start
        self.deadLetterTopic = deadLetterTopic
    }
}

/// What is done with each message, in the transaction that moves the position.
package enum ApplyRule: Sendable, Hashable {
    /// A function of one `postbox.message`, called once for each, in order.
    case function(QualifiedName)
    /// A function of `postbox.message[]`, in order.
    case batchFunction(QualifiedName)
    /// The message is kept in `postbox.todo`, where a service takes it.
    case store
}

extension ApplyRule: CustomStringConvertible {
    /// As people say it: what is called, or where the messages go.
    package var description: String {
        switch self {
        case .function(let name), .batchFunction(let name): "\(name)"
        case .store: "kept in todo"
        }
    }
}

/// Where reading begins without any position.
package enum InboxStart: String, Sendable, Hashable, CaseIterable {
    case earliest
    case latest
}
