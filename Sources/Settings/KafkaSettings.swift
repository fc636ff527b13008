import YAML

/// How to reach a Kafka cluster.
package struct KafkaSettings: Sendable, Hashable {
    package let name: String
    /// `host:port` each.
    package let brokers: [String]
    /// Properties for librdkafka in the order of the configuration, which `Kafka` has yet to
    /// accept.
    package let properties: [KafkaProperty]

    init(name: String, reader: SettingsReader) {
        self.name = name
        brokers = Self.brokers(reader)
        let path = reader.path("properties")
        properties = reader.entries("properties").compactMap { entry in
            KafkaProperty(entry, path: "\(path).\(entry.name)", reader: reader)
        }
    }

    private static func brokers(_ reader: SettingsReader) -> [String] {
        guard let items = reader.items("brokers") else { return [] }
        if items.isEmpty {
            reader.report("brokers", "must be a list of host:port")
        }
        return items.enumerated().compactMap { index, item in
            let path = "\(reader.path("brokers"))[\(index)]"
            reader.ledger.note(item.place, of: path)
            guard case .scalar(let scalar) = item.content, isBroker(scalar.text) else {
                reader.ledger.report(path, "must be host:port")
                return nil
            }
            return scalar.text
        }
    }

    private static func isBroker(_ text: String) -> Bool {
        ListenAddress(text) != nil && !text.contains(/[\s,@\/]/)
    }
}

/// A property for librdkafka.
package struct KafkaProperty: Sendable, Hashable {
    /// What the property is set to.
    package enum Value: Sendable, Hashable {
        case text(String)
        case secret(SecretReference)
    }

    package let name: String
    package let value: Value
    /// Its path in ``Settings/locations``.
    package let path: String

    fileprivate init?(_ entry: SettingsEntry, path: String, reader: SettingsReader) {
        reader.ledger.note(entry.place, of: path)
        guard let value = Self.value(entry, path: path, reader: reader) else { return nil }
        name = entry.name
        self.value = value
        self.path = path
    }

    private static func value(
        _ entry: SettingsEntry,
        path: String,
        reader: SettingsReader
    ) -> Value? {
        switch entry.value.content {
        case .map(let entries):
            return reader.secret(entries, path: path).map(Value.secret)
        case .scalar(let scalar) where InlineSecret.isIn(property: entry.name) && !scalar.isNull:
            reader.ledger.report(path, "must be \(InlineSecret.advice), not the secret itself")
        case .scalar(let scalar) where !scalar.isNull:
            return .text(scalar.text)
        case .scalar, .list, .refused:
            reader.mismatch(path, "a text, a number, true, false or a secret", entry.value)
        }
        return nil
    }
}
