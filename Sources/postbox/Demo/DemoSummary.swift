package import Telemetry

/// What a demo comes to.
package struct DemoSummary: Sendable {
    package var verdict: DeliveryVerdict
    package var tally = DemoTally()
    /// How long was written.
    package var seconds: Double
    package var latencies = LatencyHistogram()
    /// Rows that Postbox has left in the outbox, and those it gave up.
    package var leftInOutbox = 0
    package var deadLetters = 0
    /// The most memory the daemon took; nil when it is not known.
    package var peakBytes: Int64?
    package var daemonEndedWell = true

    package init(verdict: DeliveryVerdict, seconds: Double) {
        self.verdict = verdict
        self.seconds = seconds
    }

    /// Everything written arrived, each key in order, and nothing is left over.
    package var isGood: Bool {
        verdict.isClean && leftInOutbox == 0 && deadLetters == 0 && daemonEndedWell
    }

    package var lines: [String] {
        [
            "",
            "Written    \(count(verdict.committed)) messages in \(transactions) of "
                + "\(HumanUnits.span(seconds: seconds)), \(rate)",
            "Committed  \(count(tally.late)) of them late, after later ids had been published; "
                + "\(count(tally.rolledBack)) rolled back",
            "Arrived    \(count(verdict.arrived)): \(verdict)",
            "Latency    p50 \(latency(0.5)), p99 \(latency(0.99)), from commit to consumer",
            "Daemon     \(daemon)",
            "",
            isGood
                ? "All that was committed has arrived, each key in order."
                : "NOT WELL: \(complaints.joined(separator: "; ")).",
        ]
    }

    private var complaints: [String] {
        var complaints = verdict.isClean ? [] : ["\(verdict)"]
        if leftInOutbox > 0 { complaints.append("\(count(leftInOutbox)) left in the outbox") }
        if deadLetters > 0 { complaints.append("\(count(deadLetters)) dead letters") }
        if !daemonEndedWell { complaints.append("the daemon did not end well") }
        return complaints
    }

    private var transactions: String {
        "\(count(tally.transactions)) transactions"
    }

    private var rate: String {
        HumanUnits.rate(seconds > 0 ? Double(verdict.committed) / seconds : 0)
    }

    private var daemon: String {
        let memory = peakBytes.map { "at most \(HumanUnits.bytes($0)) of memory" }
        return memory ?? "its memory is not known"
    }

    private func latency(_ share: Double) -> String { DemoScreen.latency(latencies, share) }

    private func count(_ count: Int) -> String { HumanUnits.grouped(Int64(count)) }
}

/// The shape of `postbox demo --json`.
extension DemoSummary: Encodable {
    private enum CodingKeys: String, CodingKey {
        case isGood, delivery, seconds, transactions, rolledBack, late, latencyP50Milliseconds
        case latencyP99Milliseconds, leftInOutbox, deadLetters, peakBytes, daemonEndedWell
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(isGood, forKey: .isGood)
        try fields.encode(verdict, forKey: .delivery)
        try fields.encode(seconds, forKey: .seconds)
        try fields.encode(tally.transactions, forKey: .transactions)
        try fields.encode(tally.rolledBack, forKey: .rolledBack)
        try fields.encode(tally.late, forKey: .late)
        try fields.encode(milliseconds(0.5), forKey: .latencyP50Milliseconds)
        try fields.encode(milliseconds(0.99), forKey: .latencyP99Milliseconds)
        try fields.encode(leftInOutbox, forKey: .leftInOutbox)
        try fields.encode(deadLetters, forKey: .deadLetters)
        try fields.encodeIfPresent(peakBytes, forKey: .peakBytes)
        try fields.encode(daemonEndedWell, forKey: .daemonEndedWell)
    }

    private func milliseconds(_ share: Double) -> Double {
        latencies.percentile(share) / .milliseconds(1)
    }
}
