package import Telemetry

/// What a demo comes to.
package struct DemoSummary: Sendable {
    package var verdict: DemoVerdict
    package var tally = DemoTally()
    /// How long was written.
    package var seconds: Double
    package var staleness = LatencyHistogram()
    /// One answer to the delivery service's question.
    package var sample: String?
    /// Rows that Postbox has left in the outbox, and messages that it or the inbox gave up.
    package var leftInOutbox = 0
    package var deadLetters = 0
    /// Records that the inbox has not looked at.
    package var leftInTopic = 0
    /// The most memory the daemon took; nil when it is not known.
    package var peakBytes: Int64?
    package var daemonEndedWell = true

    package init(verdict: DemoVerdict, seconds: Double) {
        self.verdict = verdict
        self.seconds = seconds
    }

    /// Everything committed was applied once and in order, and nothing is left over.
    package var isGood: Bool {
        verdict.isExact && leftInOutbox == 0 && leftInTopic == 0 && deadLetters == 0
            && daemonEndedWell
    }

    package var lines: [String] {
        [
            "",
            "Committed  \(count(verdict.committed)) product changes in "
                + "\(count(tally.transactions)) transactions of "
                + "\(HumanUnits.span(seconds: seconds)), \(rate)",
            "           \(count(tally.late)) of them late, after later ids had been published; "
                + "\(count(tally.rolledBack)) rolled back",
            "Repeated   \(count(tally.repeated)) messages written twice on purpose",
            "Applied    \(count(verdict.applied)): \(verdict)",
            "Staleness  p50 \(latency(0.5)), p99 \(latency(0.99)), from the products' commit to "
                + "delivery's query",
            sample.map { "Query      \($0)" },
            "Daemon     \(daemon)",
            "",
            isGood
                ? "All that was committed was applied exactly once, each product in order."
                : "NOT WELL: \(complaints.joined(separator: "; ")).",
        ].compactMap(\.self)
    }

    private var complaints: [String] {
        var complaints = verdict.isExact ? [] : ["\(verdict)"]
        if leftInOutbox > 0 { complaints.append("\(count(leftInOutbox)) left in the outbox") }
        if leftInTopic > 0 { complaints.append("\(count(leftInTopic)) left in the topic") }
        if deadLetters > 0 { complaints.append("\(count(deadLetters)) dead letters") }
        if !daemonEndedWell { complaints.append("the daemon did not end well") }
        return complaints
    }

    private var rate: String {
        HumanUnits.rate(seconds > 0 ? Double(verdict.committed) / seconds : 0)
    }

    private var daemon: String {
        let memory = peakBytes.map { "at most \(HumanUnits.bytes($0)) of memory" }
        return memory ?? "its memory is not known"
    }

    private func latency(_ share: Double) -> String { DemoScreen.latency(staleness, share) }

    private func count(_ count: Int) -> String { HumanUnits.grouped(Int64(count)) }
}

/// The shape of `postbox demo --json`.
extension DemoSummary: Encodable {
    private enum CodingKeys: String, CodingKey {
        case isGood, verdict, seconds, transactions, rolledBack, late, repeated
        case stalenessP50Milliseconds, stalenessP99Milliseconds
        case leftInOutbox, leftInTopic, deadLetters, peakBytes, daemonEndedWell
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(isGood, forKey: .isGood)
        try fields.encode(verdict, forKey: .verdict)
        try fields.encode(seconds, forKey: .seconds)
        try fields.encode(tally.transactions, forKey: .transactions)
        try fields.encode(tally.rolledBack, forKey: .rolledBack)
        try fields.encode(tally.late, forKey: .late)
        try fields.encode(tally.repeated, forKey: .repeated)
        try fields.encode(milliseconds(0.5), forKey: .stalenessP50Milliseconds)
        try fields.encode(milliseconds(0.99), forKey: .stalenessP99Milliseconds)
        try fields.encode(leftInOutbox, forKey: .leftInOutbox)
        try fields.encode(leftInTopic, forKey: .leftInTopic)
        try fields.encode(deadLetters, forKey: .deadLetters)
        try fields.encodeIfPresent(peakBytes, forKey: .peakBytes)
        try fields.encode(daemonEndedWell, forKey: .daemonEndedWell)
    }

    private func milliseconds(_ share: Double) -> Double {
        staleness.percentile(share) / .milliseconds(1)
    }
}
