import FoundationEssentials
import Threads

/// Everything around a daemon that a demo or a benchmark needs, and that goes away with it.
final class Stage: Sendable {
    let database: StageDatabase
    /// The database of the inbox, where it is another one.
    let receiver: StageDatabase?
    let broker: StageBroker
    private let hasOutbox: Bool
    private let inbox: StageInbox?
    private let folder: TemporaryFolder

    /// Makes the tables by the command that everybody uses.
    init(
        database: StageDatabase,
        receiver: StageDatabase? = nil,
        broker: StageBroker,
        hasOutbox: Bool = true,
        inbox: StageInbox? = nil
    ) throws {
        self.database = database
        self.receiver = receiver
        self.broker = broker
        self.hasOutbox = hasOutbox
        self.inbox = inbox
        folder = try TemporaryFolder(name: "postbox-stage")
        try configure(inbox)
        try ChildProcess.runChecked([ownProgram(), "migrate", "--config", file, "--apply"])
    }

    private var file: String { "\(folder.path)/postbox.yaml" }
    private var socket: String { "\(folder.path)/control.sock" }

    /// Starts a daemon, with another inbox than the stage was made with where one is given.
    func startDaemon(inbox other: StageInbox? = nil) throws -> StageDaemon {
        try configure(other ?? inbox)
        return try StageDaemon(
            configuration: file,
            socket: socket,
            logFile: "\(folder.path)/daemon.log"
        )
    }

    private func configure(_ inbox: StageInbox?) throws {
        let configuration = StageConfiguration(
            conninfo: database.conninfo,
            cluster: broker.cluster,
            socket: socket,
            hasOutbox: hasOutbox,
            inbox: inbox,
            receiver: receiver?.conninfo
        )
        try configuration.text.write(toFile: file, atomically: false, encoding: .utf8)
    }

    /// Removes all that the run has made; its processes have been stopped before.
    func remove() {
        broker.remove()
        receiver?.remove()
        database.remove()
        folder.remove()
    }
}
