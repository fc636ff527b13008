import Glibc
import Synchronization
import Threads

/// An Apache Kafka of our own: one node on loopback, its records in a temporary folder.
///
/// For the tests and the benchmark, wherever there is a Kafka distribution and Java. It dies with
/// this process; `remove()` leaves nothing behind.
package final class KafkaPrivateBroker: Sendable {
    private static let readyLine = "Kafka Server started"
    private static let patience = Duration.seconds(120)

    /// `host:port`, as clients want it; the same after every restart.
    package let bootstrapServers: String

    private let home: String
    private let folder: TemporaryFolder
    private let running = Mutex<ChildProcess?>(nil)

    /// Formats the storage and starts the broker; `properties` come on top of our own.
    ///
    /// Ports that were free may be taken by the time that Kafka wants them: then it tries others.
    package init(
        home: String,
        properties: [String: String] = [:]
    ) throws(KafkaPrivateBrokerError) {
        guard KafkaHome.holdsKafka(home) else { throw .notInstalled(home: home) }
        guard findProgram("java") != nil else { throw .noJava }
        self.home = home
        let begun = try Self.begin(home: home, properties, tries: 3)
        folder = begun.folder
        bootstrapServers = begun.servers
        running.withLock { $0 = begun.broker }
    }

    deinit { remove() }

    /// Where a Kafka distribution stands, if there is one: `POSTBOX_TEST_KAFKA_HOME`, then
    /// `KAFKA_HOME`, then `shared/kafka` in a folder above the package.
    package static func findHome() -> String? { KafkaHome.find() }

    /// The process id of the Java machine, while it runs.
    package var pid: Int32? { running.withLock { $0?.pid } }

    /// Where its topics stand on disk.
    package var recordsFolder: String { KafkaNodeLayout.records(in: folder.path) }

    /// What the broker has logged since its last start.
    package var log: String { running.withLock { $0?.output?.text } ?? "" }

    /// Starts it again after `stop` or `kill`, and waits until it serves clients.
    package func start() throws(KafkaPrivateBrokerError) {
        let broker = try Self.launch(home: home, folder: folder.path)
        running.withLock { $0 = broker }
    }

    /// Stops it in good order and waits until it is gone; its records stay.
    package func stop() {
        running.withLock { $0.take() }?.stop(grace: .seconds(60))
    }

    package func restart() throws(KafkaPrivateBrokerError) {
        stop()
        try start()
    }

    /// Ends it like a crash.
    package func kill() {
        running.withLock { $0.take() }?.stop(signal: SIGKILL)
    }

    /// Freezes it: connections stay open and nothing answers, until `resume`.
    package func pause() {
        running.withLock { _ = $0?.kill(SIGSTOP) }
    }

    package func resume() {
        running.withLock { _ = $0?.kill(SIGCONT) }
    }

    /// Stops it and removes its folder, for owners that live until the process ends.
    package func remove() {
        kill()
        folder.remove()
    }

    private typealias Begun = (folder: TemporaryFolder, servers: String, broker: ChildProcess)

    private static func begin(
        home: String,
        _ properties: [String: String],
        tries: Int
    ) throws(KafkaPrivateBrokerError) -> Begun {
        let (folder, servers) = try prepare(home: home, properties)
        do {
            return (folder, servers, try launch(home: home, folder: folder.path))
        } catch {
            guard case .portTaken = error, tries > 1 else { throw error }
            return try begin(home: home, properties, tries: tries - 1)
        }
    }

    private static func prepare(
        home: String,
        _ properties: [String: String]
    ) throws(KafkaPrivateBrokerError) -> (TemporaryFolder, servers: String) {
        do {
            let folder = try TemporaryFolder(name: "postbox-kafka")
            let ports = try FreePorts.onLoopback(count: 2)
            let layout = KafkaNodeLayout(folder: folder.path, ports: ports, extra: properties)
            try layout.writeProperties()
            try format(layout, home: home)
            return (folder, "127.0.0.1:\(ports[0])")
        } catch {
            throw .cannotPrepare(reason: "\(error)")
        }
    }

    /// Starts the program and waits until it serves clients.
    private static func launch(
        home: String,
        folder: String
    ) throws(KafkaPrivateBrokerError) -> ChildProcess {
        var options = ChildProcessOptions.collecting
        options.added = environment(folder: folder)
        let command = ["\(home)/bin/kafka-server-start.sh", KafkaNodeLayout.file(in: folder)]
        let broker: ChildProcess
        do {
            broker = try ChildProcess(command, options: options)
        } catch {
            throw .cannotStart(log: "\(error)")
        }
        guard broker.output?.wait(for: readyLine, timeout: patience) == true else {
            broker.stop(signal: SIGKILL)
            throw KafkaPrivateBrokerError(
                log: (broker.output?.text ?? "") + (broker.errors?.text ?? "")
            )
        }
        return broker
    }

    private static func environment(folder: String) -> [String: String] {
        ["KAFKA_HEAP_OPTS": "-Xms512m -Xmx512m", "LOG_DIR": "\(folder)/logs"]
    }

    private static func format(
        _ layout: KafkaNodeLayout,
        home: String
    ) throws(ChildProcessError) {
        var options = ChildProcessOptions()
        options.added = environment(folder: layout.folder)
        let command = [
            "\(home)/bin/kafka-storage.sh", "format", "-t", layout.clusterID, "-c",
            KafkaNodeLayout.file(in: layout.folder),
        ]
        try ChildProcess.runChecked(command, options: options)
    }
}
