import Outbox
import Systemd
import Telemetry
import Threads

/// Tells systemd how the daemon is, and feeds its watchdog while every outbox is moving.
struct SystemdReporter: Sendable {
    private static let longestPause = Duration.seconds(10)
    /// Rarely: to be asked makes an engine count its backlog for a while.
    private static let sentencePause = Duration.seconds(60)

    let outboxes: [RunningOutbox]
    let meter: ProcessorMeter
    let log: Log

    /// Reports until it is cancelled.
    func run() async {
        let watchdog = SystemdService().watchdogInterval
        let pause = min(watchdog.map { $0 / 2 } ?? Self.longestPause, Self.longestPause)
        var wasMoving = true
        var sentenceAt = MonotonicTime.now
        while true {
            meter.turn()
            let isMoving = outboxes.isMoving
            if wasMoving && !isMoving { complain() }
            wasMoving = isMoving
            if isMoving && watchdog != nil { notifySystemd(.watchdog) }
            if sentenceAt <= .now {
                notifySystemd(.status("\(StatusSentence(lanes: outboxes.status()))"))
                sentenceAt = .now + Self.sentencePause
            }
            // Cancellation is the only thing that a sleep can throw.
            guard (try? await Task.sleep(for: pause)) != nil else { return }
        }
    }

    private func complain() {
        let names = outboxes.filter { !$0.engine.isMoving }.map(\.name)
        log.error("outboxes stand still", ["outboxes": names.joined(separator: " ")])
    }
}
