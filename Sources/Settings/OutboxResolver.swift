import Messaging

/// Turns an element of `outboxes` into its definition.
struct OutboxResolver {
    let databases: [String: DatabaseSettings]
    let kafka: [String]

    func definition(_ reader: SettingsReader) -> OutboxDefinition {
        let preset = reader.choice("preset").flatMap(OutboxPreset.init)
        let columns = columns(reader.map("columns"), preset: preset)
        let order = reader.choice("order", of: OutboxOrder.self)
        if order == .none { checkUnordered(reader) }
        let database = reader.reference("database", among: databases.keys.sorted()) ?? ""
        return OutboxDefinition(
            name: reader.name("name") ?? "",
            database: database,
            kafka: reader.cluster(among: kafka) ?? "",
            table: table(reader, schema: databases[database]?.schema),
            columns: columns,
            order: order,
            topic: topic(reader, columns: columns),
            settle: settle(reader),
            onFailure: order == .none && !reader.has("on_failure")
                ? .skip : reader.choice("on_failure", of: FailurePolicy.self),
            lanes: reader.integer("lanes"),
            poll: poll(reader.map("poll")),
            retry: reader.retry("retry"),
            format: reader.choice("format", of: RecordFormat.self),
            source: reader.text("source"),
            writesDebeziumID: preset == .debezium
        )
    }

    /// Messages without an order are numbered in a table that bears the outbox's name.
    private func checkUnordered(_ reader: SettingsReader) {
        if reader.map("columns").has("id") {
            reader.map("columns").report("id", "does nothing with order: none")
        }
        if (reader.text("name") ?? "").utf8.count > 56 {
            reader.report("name", "must have at most 56 characters with order: none")
        }
    }

    private func table(_ reader: SettingsReader, schema: String?) -> QualifiedName {
        // The default one stands among Postbox's own tables, wherever these are.
        if let schema, !reader.has("table") {
            return QualifiedName(schema: schema, name: "outbox")
        }
        return reader.qualifiedName("table", of: "table") ?? QualifiedName(schema: "", name: "")
    }

    private func columns(_ reader: SettingsReader, preset: OutboxPreset?) -> OutboxColumns {
        let preset = preset?.columns ?? .postbox
        return OutboxColumns(
            id: reader.requiredColumn("id", or: preset.id),
            messageID: reader.column("message_id", or: preset.messageID),
            topic: reader.column("topic", or: preset.topic),
            key: reader.column("key", or: preset.key),
            type: reader.column("type", or: preset.type),
            payload: reader.requiredColumn("payload", or: preset.payload),
            headers: reader.column("headers", or: preset.headers),
            availableAt: reader.column("available_at", or: preset.availableAt),
            createdAt: reader.column("created_at", or: preset.createdAt),
            correlationID: reader.column("correlation_id", or: preset.correlationID),
            causationID: reader.column("causation_id", or: preset.causationID),
            traceparent: reader.column("traceparent", or: preset.traceparent)
        )
    }

    private func topic(_ reader: SettingsReader, columns: OutboxColumns) -> TopicTemplate? {
        let text = reader.text("topic")
        guard columns.topic == nil else {
            if reader.has("topic") {
                reader.report(
                    "topic",
                    "must not be given: a column holds it; or set columns.topic: none"
                )
            }
            return nil
        }
        if !reader.has("topic") {
            let example = "topic: \"outbox.event.${aggregatetype}\""
            reader.report("topic", "is missing: no column holds it; for example \(example)")
        }
        guard let text else { return nil }
        guard let template = TopicTemplate(text) else {
            reader.report("topic", "holds a ${ that is not closed or names no column")
            return nil
        }
        if let problem = TopicRule.problem(in: template) { reader.report("topic", problem) }
        return template
    }

    private func settle(_ reader: SettingsReader) -> SettleRule {
        let retain = reader.duration("retain")
        if reader.choice("settle") == "archive" { return .archive(retain: retain) }
        if reader.has("retain") {
            reader.report("retain", "does nothing without settle: archive")
        }
        return .delete
    }

    private func poll(_ reader: SettingsReader) -> PollRule {
        PollRule(max: reader.duration("max"), notify: reader.flag("notify"))
    }
}
