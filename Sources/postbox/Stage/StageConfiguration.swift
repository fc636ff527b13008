package import Kafka

/// The configuration of a run's daemon, as text.
package struct StageConfiguration {
    /// The database of the outbox, and of the inbox unless that has its own.
    let conninfo: String
    let cluster: KafkaCluster
    let socket: String
    var hasOutbox: Bool
    var inbox: StageInbox?
    /// The database of the inbox.
    var receiver: String?

    /// The name of the outbox, and of everything else that needs one.
    static let name = "demo"

    package init(
        conninfo: String,
        cluster: KafkaCluster,
        socket: String,
        hasOutbox: Bool = true,
        inbox: StageInbox? = nil,
        receiver: String? = nil
    ) {
        self.conninfo = conninfo
        self.cluster = cluster
        self.socket = socket
        self.hasOutbox = hasOutbox
        self.inbox = inbox
        self.receiver = receiver
    }

    package var text: String {
        """
        instance: \(Self.name)
        databases:
          \(Self.name): { url: \(quoted(conninfo)) }
        \(receiverLine)kafka:
          \(Self.name):
            brokers: [\(cluster.brokers.map(quoted).joined(separator: ", "))]
        \(properties)\(outboxLines)\(inboxLines)control:
          socket: \(quoted(socket))
        log: { level: warning }

        """
    }

    private var receiverLine: String {
        receiver.map { "  receiver: { url: \(quoted($0)) }\n" } ?? ""
    }

    private var outboxLines: String {
        hasOutbox ? "outboxes:\n  - { name: \(Self.name), database: \(Self.name) }\n" : ""
    }

    private var inboxLines: String {
        guard let inbox else { return "" }
        return """
            inboxes:
              - name: \(Self.name)
                database: \(receiver == nil ? Self.name : "receiver")
                topics: [\(quoted(inbox.topic))]
                group: \(quoted(inbox.group))
                apply: { \(inbox.apply) }
                lanes: \(inbox.lanes)

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
