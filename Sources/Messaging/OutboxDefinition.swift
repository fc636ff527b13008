/// One outbox as configuration describes it: where its rows are, where they go, and under what
/// rules.
package struct OutboxDefinition: Sendable, Hashable {
    package var name: String
    /// The name of its database and of its Kafka cluster in the configuration.
    package var database: String
    package var kafka: String
    package var table: QualifiedName
    package var columns: OutboxColumns
    /// Whether the table has an order; without one, `columns.id` means nothing.
    package var order: OutboxOrder
    /// Set exactly when `columns.topic` is nil.
    package var topic: TopicTemplate?
    package var settle: SettleRule
    package var onFailure: FailurePolicy
    package var lanes: Int
    package var poll: PollRule
    package var retry: RetryPolicy
    package var format: RecordFormat
    /// What the header `source` says; the name of the outbox unless configured.
    package var source: String
    /// Whether the records also carry the header `id`, as Debezium's outbox event router does.
    package var writesDebeziumID: Bool

    package init(
        name: String,
        database: String,
        kafka: String,
        table: QualifiedName = QualifiedName(schema: "postbox", name: "outbox"),
        columns: OutboxColumns = .postbox,
        order: OutboxOrder = .id,
        topic: TopicTemplate? = nil,
        settle: SettleRule = .delete,
        onFailure: FailurePolicy = .hold,
        lanes: Int = 1,
        poll: PollRule = PollRule(),
        retry: RetryPolicy = RetryPolicy(),
        format: RecordFormat = .plain,
        source: String? = nil,
        writesDebeziumID: Bool = false
    ) {
        self.name = name
        self.database = database
        self.kafka = kafka
        self.table = table
        self.columns = columns
        self.order = order
        self.topic = topic
        self.settle = settle
        self.onFailure = onFailure
        self.lanes = lanes
        self.poll = poll
        self.retry = retry
        self.format = format
        self.source = source ?? name
        self.writesDebeziumID = writesDebeziumID
    }
}

/// What says in which order messages are published.
package enum OutboxOrder: String, Sendable, Hashable, CaseIterable {
    /// The column `id`, which rises with insertion.
    case id
    /// Nothing: nobody needs an order, and the table has no such column.
    case none
}

/// What becomes of a row that Kafka acknowledged.
package enum SettleRule: Sendable, Hashable {
    case delete
    /// Moved to `postbox.delivered`, whose daily partitions are dropped after `retain`.
    case archive(retain: Duration)
}

/// How an outbox looks for new rows.
package struct PollRule: Sendable, Hashable {
    /// The longest pause between two looks at an idle outbox.
    package var max: Duration
    /// Whether a statement-level trigger wakes the reader by NOTIFY.
    package var notify: Bool

    package init(max: Duration = .milliseconds(100), notify: Bool = false) {
        self.max = max
        self.notify = notify
    }
}

/// How a message is laid out in a Kafka record.
package enum RecordFormat: String, Sendable, Hashable, CaseIterable {
    /// The payload as it is, with Postbox's headers.
    case plain
    /// CloudEvents 1.0 in binary mode: `ce_` headers.
    case cloudevents
}
