import Messaging
import Systemd
import Telemetry
import Threads

/// Tells systemd how the daemon is, and feeds its watchdog while every outbox and inbox is moving.
struct SystemdReporter: Sendable {
    private static let longestPause = Duration.seconds(10)
    /// Rarely: to be asked makes an engine count its backlog for a while.
    private static let sentencePause = Duration.seconds(60)

    let mailboxes: RunningMailboxes
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
            let isMoving = mailboxes.isMoving
            if wasMoving && !isMoving { complain() }
            wasMoving = isMoving
            if isMoving && watchdog != nil { notifySystemd(.watchdog) }
            if sentenceAt <= .now {
                let sentence = StatusSentence(
                    lanes: mailboxes.outboxes.status(),
                    inboxes: mailboxes.inboxes.status()
                )
                notifySystemd(.status("\(sentence)"))
                sentenceAt = .now + Self.sentencePause
            }
            // Cancellation is the only thing that a sleep can throw.
            guard (try? await Task.sleep(for: pause)) != nil else { return }
        }
    }

    private func complain() {
        let names = mailboxes.standing.map(\.description).joined(separator: ", ")
        log.error("no progress", ["of": names])
    }
}
