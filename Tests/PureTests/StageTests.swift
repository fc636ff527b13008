import FoundationEssentials
import Kafka
import Messaging
import Settings
import Testing
import Threads
import postbox

/// What the demo and the benchmark are set up with.
struct StageTests {
    @Test func `the daemon's configuration is one that Settings takes`() throws {
        let configuration = StageConfiguration(
            conninfo: #"host=/tmp/a dbname=postgres options='-c "x"=\1'"#,
            cluster: KafkaCluster(
                name: "demo",
                brokers: ["127.0.0.1:1", "127.0.0.1:2"],
                properties: [("max.in.flight.requests.per.connection", "1")]
            ),
            socket: "/tmp/b/control.sock"
        )
        let settings = try Settings.resolve(text: configuration.text, file: "postbox.yaml")
        #expect(settings.outboxes.map(\.name) == ["demo"])
        #expect(settings.outboxes.first?.table.description == "postbox.outbox")
        #expect(settings.control.socket == "/tmp/b/control.sock")
    }

    @Test func `an inbox of its own database stands beside the outbox`() throws {
        let configuration = StageConfiguration(
            conninfo: "host=/tmp/a dbname=products",
            cluster: KafkaCluster(name: "demo", brokers: ["127.0.0.1:1"]),
            socket: "/tmp/b/control.sock",
            inbox: StageInbox(topic: "changes", apply: "function: delivery.on_product", lanes: 2),
            receiver: "host=/tmp/a dbname=delivery"
        )
        let settings = try Settings.resolve(text: configuration.text, file: "postbox.yaml")
        let inbox = try #require(settings.inboxes.first)
        #expect(inbox.database == "receiver")
        #expect(inbox.topics == ["changes"])
        #expect(inbox.lanes == 2)
        #expect(settings.outboxes.map(\.database) == ["demo"])
    }

    @Test func `a run may have an inbox alone`() throws {
        let configuration = StageConfiguration(
            conninfo: "host=/tmp/a",
            cluster: KafkaCluster(name: "demo", brokers: ["127.0.0.1:1"]),
            socket: "/tmp/b/control.sock",
            hasOutbox: false,
            inbox: StageInbox(topic: "changes", apply: "batch_function: on_changes")
        )
        let settings = try Settings.resolve(text: configuration.text, file: "postbox.yaml")
        #expect(settings.outboxes.isEmpty)
        #expect(settings.inboxes.map(\.database) == ["demo"])
    }

    @Test(arguments: [
        (
            "postgresql://me@host:5433/shop?sslmode=require",
            "postgresql://me@host:5433/x?sslmode=require"
        ),
        ("postgresql:///shop?host=/run/postgresql", "postgresql:///x?host=/run/postgresql"),
        ("postgres://host", "postgres://host/x"),
        ("postgres://host?user=me", "postgres://host/x?user=me"),
        ("host=/run dbname=shop", "host=/run dbname=shop dbname=x"),
    ])
    func `another database of the same server`(_ text: String, _ other: String) {
        #expect(replacingDatabase(in: text, by: "x") == other)
    }

    @Test func `record batches are counted in every partition of a topic, and in no other`() throws
    {
        let folder = try TemporaryFolder(name: "record-batches")
        try write([3, 40], to: "\(folder.path)/orders-0")
        try write([7], to: "\(folder.path)/orders-1")
        try write([100], to: "\(folder.path)/others-0")
        let batches = RecordBatches(of: "orders", in: folder.path)
        #expect(batches.count == 3)
        #expect(batches.recordCount == 50)
    }

    /// A segment with batches of so many records each, as Kafka lays them out.
    private func write(_ counts: [UInt8], to partition: String) throws {
        try FileManager.default.createDirectory(
            atPath: partition,
            withIntermediateDirectories: true
        )
        var segment: [UInt8] = []
        for count in counts {
            var batch = [UInt8](repeating: 0, count: 61 + Int(count))
            batch[11] = UInt8(batch.count - 12)
            batch[60] = count
            segment += batch
        }
        let path = "\(partition)/00000000000000000000.log"
        #expect(FileManager.default.createFile(atPath: path, contents: Data(segment)))
    }
}
