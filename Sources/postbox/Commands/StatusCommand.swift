import Control
import Glibc
import Messaging

private let partitions = Flag("partitions", help: "Also a row for each partition of an inbox.")
private let watch = Flag("watch", help: "Show it again each second, until Ctrl-C.")

/// `postbox status`: what the running daemon is doing.
package func statusCommand() -> Command {
    Command(
        "status",
        abstract: "Show what the running daemon is doing.",
        discussion: """
            BACKLOG counts the rows that wait, about (~) where they are many; OLDEST is the age of \
            the oldest of them. P50 and P99 are latencies from the commit becoming visible to \
            Kafka's acknowledgement. DEAD letters wait for a person, HELD ones wait behind them: up \
            to 100,000 of each are counted. LAG counts the messages that an inbox has still to \
            apply, BEHIND is the age of its last applied one, 0 when there are no more. REPEATS \
            were recognised and left out, LATE came after the window of recognition.
            """,
        examples: [
            .init("postbox status", "every lane of the outboxes, and every inbox"),
            .init("postbox status --watch", "the same, again each second"),
            .init("postbox status --json | jq '.lanes[].backlog'", "for a script"),
            .init("postbox status --config postbox.yaml", "a daemon with a socket of its own"),
        ],
        accepts: [
            watch, partitions, ControlOptions.json, ControlOptions.socket, ControlOptions.config,
        ]
    ) { invocation in
        let client = try invocation.controlClient()
        guard invocation[watch] else {
            try await show(freshReport(client), invocation)
            return .ok
        }
        try await follow(client, from: client.status(), invocation)
        return .ok
    }
}

/// What was counted after we asked: to be asked makes lanes and inboxes count what waits.
private func freshReport(_ client: ControlClient) async throws -> StatusReport {
    let clock = ContinuousClock()
    let start = clock.now
    while true {
        // Order: the time before the question, which lies before that of the answer.
        let passed = clock.now - start
        let report = try client.status()
        guard !report.isFresh(after: passed) else { return report }
        try await Task.sleep(for: .milliseconds(50))
    }
}

private func show(_ report: StatusReport, _ invocation: Invocation) throws {
    if invocation[ControlOptions.json] {
        try invocation.print(json: report)
    } else {
        invocation.print(StatusTable(report, partitions: invocation[partitions]).lines)
    }
}

/// Shows one report after another until the process is ended.
///
/// A daemon that goes away is waited
/// for: it may be restarting.
private func follow(
    _ client: ControlClient,
    from first: StatusReport,
    _ invocation: Invocation
) async throws {
    var report: Result<StatusReport, ControlError> = .success(first)
    while !Task.isCancelled {
        try draw(report, invocation)
        try await Task.sleep(for: .seconds(1))
        report = Result { () throws(ControlError) in try client.status() }
    }
}

private func draw(
    _ report: Result<StatusReport, ControlError>,
    _ invocation: Invocation
) throws {
    switch report {
    case .success(let report) where invocation[ControlOptions.json]:
        try invocation.print(json: report, onOneLine: true)
    case .success(let report):
        redraw(StatusTable(report, partitions: invocation[partitions]).lines, invocation)
    case .failure(let error) where invocation[ControlOptions.json]: invocation.note("\(error)")
    case .failure(let error): redraw(["\(error)"], invocation)
    }
}

/// Draws over the last screen rather than clearing it first, which would flicker.
private func redraw(_ lines: [String], _ invocation: Invocation) {
    guard isatty(STDOUT_FILENO) != 0 else { return invocation.print(lines + [""]) }
    let clearLine = "\u{1B}[K"
    let home = "\u{1B}[H"
    let clearBelow = "\u{1B}[J"
    let screen = lines.joined(separator: "\n").split(
        separator: "\n",
        omittingEmptySubsequences: false
    )
    invocation.print(
        home + screen.map { $0 + clearLine }.joined(separator: "\n") + clearBelow
    )
}
