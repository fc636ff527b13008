import Messaging

/// Turns an element of `outboxes` into its definition.
struct OutboxResolver {
    let databases: [String]
    let kafka: [String]

    func definition(_ reader: SettingsReader) -> OutboxDefinition {
        let preset = reader.choice("preset").flatMap(OutboxPreset.init)
        let columns = columns(reader.map("columns"), preset: preset)
        return OutboxDefinition(
            name: reader.name("name") ?? "",
            database: reference("database", among: databases, reader) ?? "",
            kafka: kafka(reader) ?? "",
            table: table(reader),
            columns: columns,
            topic: topic(reader, columns: columns),
            settle: settle(reader),
            onFailure: reader.choice("on_failure", of: FailurePolicy.self),
            lanes: reader.integer("lanes"),
            poll: poll(reader.map("poll")),
            retry: retry(reader.map("retry")),
            format: reader.choice("format", of: RecordFormat.self),
            source: reader.text("source"),
            writesDebeziumID: preset == .debezium
        )
    }

    private func kafka(_ reader: SettingsReader) -> String? {
        if reader.has("kafka") { return reference("kafka", among: kafka, reader) }
        if kafka.count > 1 {
            let names = SettingsReader.oneOf(kafka)
            reader.report("kafka", "is missing: there is more than one, \(names)")
        }
        return kafka.first
    }

    private func reference(
        _ name: String,
        among known: [String],
        _ reader: SettingsReader
    ) -> String? {
        guard let wanted = reader.name(name) else { return nil }
        // With none at all, that is the problem, and it is reported already.
        if !known.contains(wanted) && !known.isEmpty {
            let nearest = NearestName.find(wanted, among: known)
            let names = nearest == nil ? "; there is \(known.joined(separator: ", "))" : ""
            reader.report(
                name,
                "refers to something that is not there\(names)",
                suggestion: nearest
            )
        }
        return wanted
    }

    private func table(_ reader: SettingsReader) -> QualifiedName {
        let text = reader.text("table") ?? ""
        if let table = QualifiedName(text) {
            let problem = [table.schema, table.name].compactMap(TextRule.problem(inIdentifier:))
            if let first = problem.first { reader.report("table", first) }
            return table
        }
        if !text.isEmpty { reader.report("table", "must be schema.table") }
        return QualifiedName(schema: "", name: "")
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

    private func retry(_ reader: SettingsReader) -> RetryPolicy {
        let policy = RetryPolicy(
            maxAttempts: reader.integer("max_attempts"),
            first: reader.duration("first"),
            max: reader.duration("max")
        )
        if policy.first > policy.max { reader.report("first", "must not be longer than max") }
        return policy
    }
}
