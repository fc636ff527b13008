package import Kafka

/// The configuration of a run's daemon, as text.
package struct StageConfiguration {
    let conninfo: String
    let cluster: KafkaCluster
    let socket: String

    /// The name of the outbox, and of everything else that needs one.
    static let name = "demo"

    package init(conninfo: String, cluster: KafkaCluster, socket: String) {
        self.conninfo = conninfo
        self.cluster = cluster
        self.socket = socket
    }

    package var text: String {
        """
        instance: \(Self.name)
        databases:
          \(Self.name): { url: \(quoted(conninfo)) }
        kafka:
          \(Self.name):
            brokers: [\(cluster.brokers.map(quoted).joined(separator: ", "))]
        \(properties)outboxes:
          - name: \(Self.name)
            database: \(Self.name)
        control:
          socket: \(quoted(socket))
        log: { level: warning }

        """
    }

    private var properties: String {
        guard !cluster.properties.isEmpty else { return "" }
        let lines = cluster.properties.map { "      \($0.0): \(quoted($0.1))\n" }
        return "    properties:\n" + lines.joined()
    }

    private func quoted(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped)\""
    }
}
