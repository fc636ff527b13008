import FoundationEssentials
import Threads

/// Everything around a daemon that a demo or a benchmark needs, and that goes away with it.
final class Stage: Sendable {
    let database: StageDatabase
    let broker: StageBroker
    private let folder: TemporaryFolder

    /// Writes the configuration and makes the tables by the command that everybody uses.
    init(database: StageDatabase, broker: StageBroker) throws {
        self.database = database
        self.broker = broker
        folder = try TemporaryFolder(name: "postbox-stage")
        let configuration = StageConfiguration(
            conninfo: database.conninfo,
            cluster: broker.cluster,
            socket: socket
        )
        try configuration.text.write(toFile: file, atomically: false, encoding: .utf8)
        try ChildProcess.runChecked([ownProgram(), "migrate", "--config", file, "--apply"])
    }

    private var file: String { "\(folder.path)/postbox.yaml" }
    private var socket: String { "\(folder.path)/control.sock" }

    func startDaemon() throws -> StageDaemon {
        try StageDaemon(
            configuration: file,
            socket: socket,
            logFile: "\(folder.path)/daemon.log"
        )
    }

    /// Removes all that the run has made; its processes have been stopped before.
    func remove() {
        broker.remove()
        database.remove()
        folder.remove()
    }
}
