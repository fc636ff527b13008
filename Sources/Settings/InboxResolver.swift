import Messaging
import YAML

/// Turns an element of `inboxes` into its definition.
struct InboxResolver {
    let databases: [String]
    let kafka: [String]

    func definition(_ reader: SettingsReader) -> InboxDefinition {
        InboxDefinition(
            name: reader.name("name") ?? "",
            database: reader.reference("database", among: databases) ?? "",
            kafka: reader.cluster(among: kafka) ?? "",
            topics: topics(reader),
            group: reader.text("group"),
            dedup: dedup(reader.map("dedup")),
            apply: apply(reader),
            lanes: reader.integer("lanes"),
            batch: reader.integer("batch"),
            onFailure: reader.choice("on_failure", of: FailurePolicy.self),
            retry: reader.retry("retry"),
            statementTimeout: reader.duration("statement_timeout"),
            start: reader.choice("start", of: InboxStart.self),
            deadLetterTopic: deadLetterTopic(reader)
        )
    }

    private func topics(_ reader: SettingsReader) -> [String] {
        let path = reader.path("topics")
        guard let node = reader.node("topics") else { return [] }
        let words =
            "the name of a topic, a regular expression that begins with ^, or a list of them"
        switch node.content {
        case .list(let items) where items.isEmpty:
            reader.report("topics", "is empty")
        case .list(let items):
            var known: Set<String> = []
            return items.enumerated().compactMap { index, item in
                let path = "\(path)[\(index)]"
                reader.ledger.note(item.place, of: path)
                let topic = topic(item, path, words, reader)
                if let topic, !known.insert(topic).inserted {
                    reader.ledger.report(path, "is there already")
                }
                return topic
            }
        case .scalar(let scalar) where !scalar.isNull:
            return topic(node, path, words, reader).map { [$0] } ?? []
        case .scalar, .map, .refused: reader.mismatch(path, words, node)
        }
        return []
    }

    private func topic(
        _ node: SettingsNode,
        _ path: String,
        _ words: String,
        _ reader: SettingsReader
    ) -> String? {
        guard case .scalar(let scalar) = node.content, !scalar.isNull else {
            reader.mismatch(path, words, node)
            return nil
        }
        let isPattern = scalar.text.hasPrefix("^")
        let problem =
            TextRule.problem(in: scalar.text)
            ?? (isPattern ? nil : TopicRule.problem(inName: scalar.text))
        if let problem { reader.ledger.report(path, problem) }
        return scalar.text
    }

    private func dedup(_ reader: SettingsReader) -> DedupRule {
        let rule = DedupRule(
            mode: reader.choice("mode", of: DedupMode.self),
            id: messageID(reader),
            window: reader.duration("window"),
            outside: reader.choice("outside", of: OutsideWindowRule.self),
            missing: reader.choice("missing", of: MissingIDRule.self),
            allowsShortWindow: reader.flag("allow_short_window")
        )
        guard rule.mode == .none else { return rule }
        for name in ["window", "outside", "allow_short_window"] where reader.has(name) {
            reader.report(name, "does nothing with mode: none")
        }
        return rule
    }

    private func messageID(_ reader: SettingsReader) -> MessageIDSource {
        let text = reader.text("id") ?? ""
        if text.hasPrefix("header:"), text.count > "header:".count {
            return .header(String(text.dropFirst("header:".count)))
        }
        let members = text.dropFirst(2).split(separator: ".", omittingEmptySubsequences: false)
        if text.hasPrefix("$."), members.allSatisfy({ !$0.isEmpty }) {
            return .json(members.map(String.init))
        }
        if !text.isEmpty {
            reader.report("id", "must be header:NAME, or a path in the payload such as $.event.id")
        }
        return DedupRule().id
    }

    private func apply(_ reader: SettingsReader) -> ApplyRule {
        let rules = reader.map("apply")
        let function = rules.qualifiedName("function", of: "function")
        let batchFunction = rules.qualifiedName("batch_function", of: "function")
        let stores = rules.flag("store")
        let names = ["function", "batch_function"].filter(rules.has)
        if case .map? = reader.has("apply") ? reader.node("apply")?.content : nil,
            names.count + (stores ? 1 : 0) != 1
        {
            let words = "must hold one of function, batch_function and store: true"
            reader.report("apply", words)
        }
        if let function { return .function(function) }
        return batchFunction.map(ApplyRule.batchFunction) ?? .store
    }

    private func deadLetterTopic(_ reader: SettingsReader) -> String? {
        guard let topic = reader.text("dead_letter_topic") else { return nil }
        if let problem = TopicRule.problem(inName: topic) {
            reader.report("dead_letter_topic", problem)
        }
        return topic
    }
}
