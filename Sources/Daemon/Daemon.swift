import Control
import Glibc
import HTTP
package import Messaging
package import Settings
import Systemd
import Telemetry
import Threads

/// All outboxes and inboxes of a configuration, run until somebody asks for the end.
///
/// It builds, and decides nothing.
package struct Daemon: Sendable {
    /// How a run came to its end.
    package enum Ending: Sendable, Hashable {
        /// By a signal; everything in flight was finished, or its time was over.
        case asked
        /// An outbox or inbox ended by itself, which none should: a restart has to mend it.
        case ended(Mailbox)
    }

    private let settings: Settings
    private let mailboxes: RunningMailboxes
    private let meter = ProcessorMeter()
    private let log: Log

    /// Runs in the foreground, and logs to standard error.
    ///
    /// One run per process: it receives the process's signals. PostgreSQL and Kafka need not be
    /// there yet. `socket` is the path of the control socket where it is not the configuration's.
    package static func run(
        _ settings: Settings,
        version: String,
        socket: String? = nil
    ) async throws -> Ending {
        let connections = try Connections.resolve(settings)
        ignoreBrokenPipes()
        let daemon = Daemon(settings, connections)
        let control = try daemon.openControl(version: version, socket: socket)
        defer { control.stop() }
        return await daemon.supervise()
    }

    private init(_ settings: Settings, _ connections: Connections) {
        self.settings = settings
        log = Log.standardError(settings.log).with("instance", settings.instance)
        mailboxes = RunningMailboxes(of: settings, connections, log: log)
    }

    private func openControl(version: String, socket: String?) throws(DaemonError) -> ControlServer
    {
        let actions = DaemonActions(
            instance: settings.instance,
            version: version,
            mailboxes: mailboxes,
            meter: meter
        )
        let listen = settings.control.listen.map { HTTPEndpoint.tcp(host: $0.host, port: $0.port) }
        do throws(HTTPError) {
            return try ControlServer(
                socketPath: socket ?? settings.control.socket,
                listen: listen,
                actions: actions.actions
            )
        } catch {
            throw refusal(of: error, isOverridden: socket != nil)
        }
    }

    private func refusal(of error: HTTPError, isOverridden: Bool) -> DaemonError {
        let isListener: Bool
        switch error {
        case .endpointInUse(.tcp), .cannotListen(.tcp, _): isListener = true
        default: isListener = false
        }
        guard isListener || !isOverridden else {
            return .noControl(key: "--socket", at: nil, error)
        }
        let key = isListener ? "control.listen" : "control.socket"
        return .noControl(key: key, at: settings.locations[key], error)
    }
}

extension Daemon {
    /// What can happen to a running daemon.
    private enum Event: Sendable {
        case signal
        case ended(Mailbox)
        case graceOver
        case cancelled
    }

    private func supervise() async -> Ending {
        let signals = Self.endingSignals(log)
        return await withTaskGroup(of: Event.self) { group in
            for engine in mailboxes.engines {
                group.addTask {
                    await engine.run()
                    return .ended(engine.mailbox)
                }
            }
            group.addTask {
                for await _ in signals { return .signal }
                return .cancelled
            }
            let reporter = SystemdReporter(mailboxes: mailboxes, meter: meter, log: log)
            group.addTask {
                await reporter.run()
                return .cancelled
            }
            notifySystemd(.ready)
            let (outboxes, inboxes) = (mailboxes.outboxes.count, mailboxes.inboxes.count)
            log.info("running", ["outboxes": outboxes, "inboxes": inboxes, "pid": getpid()])
            return await waitForEnd(&group)
        }
    }

    private func waitForEnd(_ group: inout TaskGroup<Event>) async -> Ending {
        while let event = await group.next() {
            switch event {
            case .signal:
                await drain(&group, count: mailboxes.engines.count)
                return .asked
            case .ended(let mailbox):
                log.error("ended by itself", ["\(mailbox.kind)": mailbox.name])
                await drain(&group, count: mailboxes.engines.count - 1)
                return .ended(mailbox)
            case .graceOver, .cancelled: continue
            }
        }
        return .asked
    }

    /// Lets so many engines finish what is in flight, within the grace of the configuration.
    private func drain(_ group: inout TaskGroup<Event>, count: Int) async {
        notifySystemd(.stopping, .status("finishing what is in flight"))
        log.info("stopping", ["grace": DurationText.text(settings.shutdownGrace)])
        mailboxes.stop(grace: settings.shutdownGrace)
        // The engines keep to the grace themselves; this is for one that does not.
        let patience = settings.shutdownGrace + .seconds(2)
        group.addTask {
            (try? await Task.sleep(for: patience)) == nil ? .cancelled : .graceOver
        }
        var left = count
        while left > 0, let event = await group.next() {
            switch event {
            case .ended: left -= 1
            case .graceOver: group.cancelAll()
            case .signal, .cancelled: continue
            }
        }
        group.cancelAll()
        log.info("stopped")
    }

    /// The signals that ask for the end.
    ///
    /// Whoever sends a second one will not wait any longer.
    private static func endingSignals(_ log: Log) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        TerminationSignals.receive { signal in
            if signal.kind == .hangUp {
                log.notice("this version does not reload: restart it to take a new configuration")
            } else if signal.isRepeated {
                // Crash: like a kill at any other moment; what was not settled is published again.
                _exit(1)
            } else {
                continuation.yield()
            }
        }
        return stream
    }
}
