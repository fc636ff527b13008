import Outbox
import Systemd
import Telemetry

/// Tells systemd how the daemon is, and feeds its watchdog while every outbox is moving.
struct SystemdReporter: Sendable {
    private static let longestPause = Duration.seconds(10)

    let outboxes: [RunningOutbox]
    let meter: ProcessorMeter
    let log: Log
    let service = SystemdService()

    /// Reports until it is cancelled.
    func run() async {
        let watchdog = service.watchdogInterval
        let pause = min(watchdog.map { $0 / 2 } ?? Self.longestPause, Self.longestPause)
        var wasMoving = true
        while true {
            // Cancellation is the only thing that a sleep can throw.
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            meter.turn()
            wasMoving = report(wasMoving: wasMoving, feedsWatchdog: watchdog != nil)
        }
    }

    /// Says it once, and returns whether all outboxes are moving.
    private func report(wasMoving: Bool, feedsWatchdog: Bool) -> Bool {
        let isMoving = outboxes.isMoving
        if wasMoving && !isMoving {
            let names = outboxes.filter { !$0.engine.isMoving }.map(\.name)
            log.error("outboxes stand still", ["outboxes": names.joined(separator: " ")])
        }
        guard service.isListening else { return isMoving }
        var notices = [SystemdNotice.status("\(StatusSentence(lanes: outboxes.status()))")]
        if isMoving && feedsWatchdog { notices.append(.watchdog) }
        _ = service.notify(notices)
        return isMoving
    }
}
