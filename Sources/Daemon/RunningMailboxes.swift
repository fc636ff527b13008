import Inbox
import Messaging
import Outbox
import Settings
import Telemetry

/// All that the configuration wants to be run.
struct RunningMailboxes: Sendable {
    let outboxes: [RunningOutbox]
    let inboxes: [RunningInbox]

    /// Builds everything; nothing connects yet.
    init(of settings: Settings, _ connections: Connections, log: Log) {
        outboxes = RunningOutbox.all(of: settings, connections, log: log)
        inboxes = RunningInbox.all(of: settings, connections, log: log)
    }

    var engines: [RunningEngine] {
        outboxes.map(RunningEngine.outbox) + inboxes.map(RunningEngine.inbox)
    }

    var desks: [any DeadLetterDesk] { outboxes.map(\.desk) + inboxes.map(\.desk) }

    /// Takes nothing more, and finishes what is in flight within `grace`.
    func stop(grace: Duration) {
        for outbox in outboxes { outbox.engine.stop(grace: grace) }
        for inbox in inboxes { inbox.engine.stop(grace: grace) }
    }

    var isMoving: Bool { outboxes.isMoving && inboxes.isMoving }
    var isReady: Bool { outboxes.isReady && inboxes.isReady }

    /// Those whose loops have not turned lately.
    var standing: [Mailbox] {
        outboxes.filter { !$0.engine.isMoving }.map { .outbox($0.name) }
            + inboxes.filter { !$0.engine.isMoving }.map { .inbox($0.name) }
    }
}

/// What is run until it is stopped.
enum RunningEngine: Sendable {
    case outbox(RunningOutbox)
    case inbox(RunningInbox)

    var mailbox: Mailbox {
        switch self {
        case .outbox(let outbox): .outbox(outbox.name)
        case .inbox(let inbox): .inbox(inbox.name)
        }
    }

    func run() async {
        switch self {
        case .outbox(let outbox): await outbox.engine.run()
        case .inbox(let inbox): await inbox.engine.run()
        }
    }
}
