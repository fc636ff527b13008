import FoundationEssentials

/// The properties of a broker that is alone and short-lived.
struct KafkaNodeLayout {
    let folder: String
    /// One for clients, one for the controller.
    let ports: [UInt16]
    let extra: [String: String]
    /// 16 bytes in base64; any will do for a cluster of one.
    let clusterID = "cG9zdGJveC1wcml2YXRlMQ"

    static func file(in folder: String) -> String { "\(folder)/server.properties" }
    static func records(in folder: String) -> String { "\(folder)/records" }

    func writeProperties() throws {
        let lines = own.merging(extra) { _, extra in extra }.map { "\($0.key)=\($0.value)\n" }
        try lines.sorted().joined()
            .write(toFile: Self.file(in: folder), atomically: false, encoding: .utf8)
    }

    private var own: [String: String] {
        let client = "PLAINTEXT://127.0.0.1:\(ports[0])"
        let controller = "127.0.0.1:\(ports[1])"
        return [
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": "1@\(controller)",
            "listeners": "\(client),CONTROLLER://\(controller)",
            "advertised.listeners": client,
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": Self.records(in: folder),
            "num.partitions": "12",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "8",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.num.partitions": "8",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            // After a crash the node waits until its own earlier life has timed out.
            "broker.heartbeat.interval.ms": "500",
            "broker.session.timeout.ms": "2000",
            "group.initial.rebalance.delay.ms": "0",
            "group.min.session.timeout.ms": "500",
            "auto.create.topics.enable": "true",
        ]
    }
}
