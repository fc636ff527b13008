import Daemon
import Settings

private let socket = Option<String?>(
    "socket",
    value: "PATH",
    help: "Listen for the other commands here, whatever the configuration says."
)

/// `postbox run`: the daemon.
func runCommand() -> Command {
    Command(
        "run",
        abstract: "Publish the outboxes of a configuration until told to stop.",
        discussion: """
            Runs in the foreground and logs to standard error. PostgreSQL and Kafka need not be \
            there yet. SIGTERM and Ctrl-C finish what is in flight, for at most shutdown.grace; a \
            second one ends at once, and whatever was not settled is published again at the next \
            start. Of PostgreSQL's environment variables (PGHOST and the like) none counts.
            """,
        examples: [
            .init("postbox run", "what the systemd unit does"),
            .init("postbox run --config postbox.yaml --socket /tmp/postbox.sock", "try it out"),
        ],
        accepts: [ConfigurationOptions.file, socket]
    ) { invocation in
        let settings = try Settings.load(path: invocation[ConfigurationOptions.file])
        let ending = try await Daemon.run(
            settings,
            version: postboxVersion,
            socket: invocation[socket]
        )
        switch ending {
        case .asked: return .ok
        case .ended: return .failed
        }
    }
}
