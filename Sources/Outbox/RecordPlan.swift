import Kafka
import Messaging

/// How the columns of a read become a record: the one place that knows both.
struct RecordPlan {
    /// The columns of `OutboxTable.readColumns` and of `take_parked.sql`, up to where they differ:
    /// the former ends with the chain.
    enum Column: Int {
        case id, topic, key, payload, size, headers, messageID, type, createdAt, delayed, attempts
    }

    private let definition: OutboxDefinition

    init(_ definition: OutboxDefinition) {
        self.definition = definition
    }

    /// For rows of the outbox table itself.
    func layout(of table: OutboxTable) -> KafkaRecordLayout {
        layout(
            payload: table.payloadKind == .jsonb ? .jsonb : .bytes,
            messageID: table.messageIDIsUUID ? .uuid : .bytes,
            delayed: definition.columns.availableAt == nil ? nil : Column.delayed.rawValue,
            chain: chain(of: table)
        )
    }

    /// The headers that say what a message follows from, and the columns that hold them.
    static func chainHeaders(of table: OutboxTable) -> [(name: String, column: String)] {
        table.chain.flatMap { link in
            // CloudEvents' extension for distributed tracing has a name of its own.
            let isTrace = link.header == "traceparent"
            let isExtended = isTrace && table.definition.format == .cloudevents
            let names = isExtended ? [link.header, "ce_\(link.header)"] : [link.header]
            return names.map { ($0, link.column) }
        }
    }

    private func chain(of table: OutboxTable) -> [KafkaRecordLayout.Header] {
        let columns = table.chain.map(\.column)
        return Self.chainHeaders(of: table).compactMap { link in
            guard let place = columns.firstIndex(of: link.column) else { return nil }
            return .replacing(
                name: link.name,
                .init(Column.delayed.rawValue + 1, .element(place))
            )
        }
    }

    /// For messages that were parked: their chain is among their headers.
    func parkedLayout() -> KafkaRecordLayout {
        layout(payload: .bytes, messageID: .bytes, delayed: nil)
    }

    private func layout(
        payload: KafkaRecordLayout.Kind,
        messageID: KafkaRecordLayout.Kind,
        delayed: Int?,
        chain: [KafkaRecordLayout.Header] = []
    ) -> KafkaRecordLayout {
        KafkaRecordLayout(
            id: Column.id.rawValue,
            topic: Column.topic.rawValue,
            key: .init(Column.key.rawValue),
            payload: .init(Column.payload.rawValue, payload),
            headers: Column.headers.rawValue,
            delayed: delayed,
            size: Column.size.rawValue,
            createdAt: Column.createdAt.rawValue,
            fixedHeaders: headers(messageID) + chain
        )
    }

    private func headers(_ messageID: KafkaRecordLayout.Kind) -> [KafkaRecordLayout.Header] {
        let id = KafkaRecordLayout.Column(Column.messageID.rawValue, messageID)
        let own = definition.format == .plain ? plain(id) : cloudEvents(id)
        return definition.writesDebeziumID ? [.column(name: "id", id)] + own : own
    }

    private func plain(_ id: KafkaRecordLayout.Column) -> [KafkaRecordLayout.Header] {
        [
            .column(name: "message-id", id),
            .column(name: "message-type", .init(Column.type.rawValue)),
            .constant(name: "source", value: definition.source),
            .column(name: "seq", .init(Column.id.rawValue, .int8)),
            .column(name: "created-at", .init(Column.createdAt.rawValue, .timestamp)),
        ]
    }

    /// CloudEvents 1.0, Kafka protocol binding, binary content mode.
    private func cloudEvents(_ id: KafkaRecordLayout.Column) -> [KafkaRecordLayout.Header] {
        [
            .constant(name: "ce_specversion", value: "1.0"),
            .column(name: "ce_id", id),
            .column(name: "ce_type", .init(Column.type.rawValue)),
            .constant(name: "ce_source", value: definition.source),
            .column(name: "ce_time", .init(Column.createdAt.rawValue, .timestamp)),
            .column(name: "seq", .init(Column.id.rawValue, .int8)),
        ]
    }
}
