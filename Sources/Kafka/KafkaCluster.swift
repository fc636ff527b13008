/// Where a Kafka cluster is and how to speak to it, as the configuration names it.
package struct KafkaCluster: Sendable {
    package let name: String
    /// `host:port` of the brokers asked first; they name all others.
    package let brokers: [String]
    /// What the user sets over our defaults, in order.
    ///
    /// A value may be a secret.
    package let properties: [(String, String)]

    package init(name: String, brokers: [String], properties: [(String, String)] = []) {
        self.name = name
        self.brokers = brokers
        self.properties = properties
    }
}

extension KafkaCluster: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The name and the brokers.
    ///
    /// Values of properties are left out: some are secrets.
    package var description: String {
        "\(name) (\(brokers.joined(separator: ",")))"
    }

    package var debugDescription: String { description }

    /// What `dump` and a failed expectation see: no value of a property.
    package var customMirror: Mirror {
        Mirror(self, children: ["name": name, "brokers": brokers])
    }
}
