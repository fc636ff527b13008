import FoundationEssentials
import Kafka
import TestKit
import Threads

/// A configuration in a folder of its own, which also has room for a control socket.
final class ConfigurationFile: Sendable {
    let folder: TemporaryFolder
    let path: String

    init(_ text: String) throws {
        folder = try TemporaryFolder(name: "postbox-config")
        path = "\(folder.path)/postbox.yaml"
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    /// One outbox on line 5, its database on line 1, its cluster on line 3.
    convenience init(
        database: String,
        brokers: String = "127.0.0.1:1",
        outbox: String = "name: shop, database: shop",
        more: String = ""
    ) throws {
        try self.init(
            """
            databases: { shop: { url: "\(database)" } }
            kafka:
              main: { brokers: ["\(brokers)"] }
            outboxes:
              - { \(outbox) }
            \(more)
            """
        )
    }

    /// One outbox in the default table, with what the broker needs.
    convenience init(_ broker: TestBroker, database: String, memory: String = "64MiB") throws {
        let properties = broker.cluster.properties.map { "\($0.0): \($0.1)" }
        try self.init(
            """
            instance: one
            databases: { shop: { url: "\(database)" } }
            kafka:
              main:
                brokers: ["\(broker.bootstrapServers)"]
                properties: { \(properties.joined(separator: ", ")) }
            outboxes: [{ name: shop, database: shop }]
            memory: \(memory)
            """
        )
    }

    var socket: String { "\(folder.path)/control.sock" }

    /// What a problem at that place begins with.
    func place(_ line: Int, _ column: Int) -> String { "\(path):\(line):\(column): " }
}
