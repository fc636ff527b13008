import Glibc
import Synchronization
import Threads

/// A PostgreSQL of our own in a temporary folder, reachable by its Unix socket alone.
///
/// For the demo, the benchmark and the tests. It keeps its promises like any other (`fsync` and
/// `synchronous_commit` stay on unless it is told otherwise), dies with this process, and leaves
/// nothing behind.
package final class PostgresPrivateServer: Sendable {
    /// How the server treats those who are connected when it stops.
    package enum Shutdown: Sendable {
        /// Ends their sessions and writes a checkpoint.
        case fast
        /// Drops everything; the next start recovers from the log.
        case immediate

        fileprivate var signal: Int32 {
            switch self {
            case .fast: SIGINT
            case .immediate: SIGQUIT
            }
        }
    }

    private static let readyLine = "database system is ready to accept connections"
    private static let patience = Duration.seconds(60)

    private let installation: PostgresInstallation
    private let folder: TemporaryFolder
    private let settings: [String: String]
    private let running = Mutex<ChildProcess?>(nil)

    /// Makes a cluster and starts it; `settings` are those of `postgresql.conf`.
    ///
    /// `log_min_messages` above `log` would hide the line that says that the server is ready.
    package init(settings: [String: String] = [:]) throws(PostgresPrivateServerError) {
        installation = try PostgresInstallation.find()
        self.settings = settings
        do {
            folder = try TemporaryFolder(name: "postbox-postgres")
            if let user = installation.user { try folder.hand(to: user) }
            try Self.makeCluster(in: folder.path, by: installation)
        } catch {
            throw .cannotPrepare(reason: "\(error)")
        }
        try start()
    }

    deinit { remove() }

    /// The folder of its socket, for `host=`.
    package var host: String { folder.path }

    /// The process id of the postmaster, while it runs.
    package var pid: Int32? { running.withLock { $0?.pid } }

    /// What the server has logged since its last start.
    package var log: String { running.withLock { $0?.errors?.text } ?? "" }

    /// How to connect to one of its databases as its superuser.
    package func conninfo(database: String = "postgres") -> String {
        "host=\(host) dbname=\(database) user=postgres"
    }

    /// Starts it again after `stop` or `kill`, and waits until it takes connections.
    package func start() throws(PostgresPrivateServerError) {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.patience
        while true {
            let server = try launch()
            if server.errors?.wait(for: Self.readyLine, timeout: Self.patience) == true {
                running.withLock { $0 = server }
                return
            }
            server.stop(signal: SIGQUIT)
            let log = server.errors?.text ?? ""
            // After a kill the old backends need a moment to notice that their parent is gone.
            guard log.contains("shared memory block"), clock.now < deadline else {
                throw .cannotStart(log: String(log.suffix(1_000)))
            }
        }
    }

    /// Stops it and waits until it is gone; its data stays until this object goes.
    package func stop(_ shutdown: Shutdown = .fast) {
        let server = running.withLock { $0.take() }
        server?.stop(signal: shutdown.signal, grace: Self.patience)
    }

    package func restart(_ shutdown: Shutdown = .fast) throws(PostgresPrivateServerError) {
        stop(shutdown)
        try start()
    }

    /// Ends it like a crash of its machine: no checkpoint, no farewell.
    package func kill() {
        let server = running.withLock { $0.take() }
        server?.stop(signal: SIGKILL)
    }

    /// Stops it and removes its folder, for owners that live until the process ends.
    package func remove() {
        stop()
        folder.remove()
    }

    private static func makeCluster(
        in folder: String,
        by installation: PostgresInstallation
    ) throws(ChildProcessError) {
        var options = ChildProcessOptions()
        options.user = installation.user
        options.workingFolder = folder
        try ChildProcess.runChecked(
            [
                installation.program("initdb"), "--pgdata=\(folder)/data", "--username=postgres",
                "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
            ],
            options: options
        )
    }

    private func launch() throws(PostgresPrivateServerError) -> ChildProcess {
        var options = ChildProcessOptions()
        options.user = installation.user
        options.workingFolder = folder.path
        options.added = ["LC_ALL": "C.UTF-8"]
        options.output = .discarded
        options.errors = .collected
        // An orderly signal, so that no shared memory is left when our own process is killed.
        options.signalOnParentDeath = "QUIT"
        let own = ["listen_addresses": "", "unix_socket_directories": folder.path]
        let arguments = settings.merging(own) { _, own in own }
            .sorted { $0.key < $1.key }
            .flatMap { ["-c", "\($0.key)=\($0.value)"] }
        let command = [installation.program("postgres"), "-D", "\(folder.path)/data"] + arguments
        do {
            return try ChildProcess(command, options: options)
        } catch {
            throw .cannotStart(log: "\(error)")
        }
    }
}
