package import Telemetry

/// The lines that the demo shows while it runs, one a second.
package enum DemoScreen {
    private static let widths = [6, 11, 11, 9, 11, 12, 12]

    package static let header = line([
        "TIME", "COMMITTED", "APPLIED", "BEHIND", "RATE", "STALE P50", "STALE P99",
    ])

    /// A second of the run; the staleness is that of what was applied in that second.
    package static func second(
        _ second: Int,
        committed: Int,
        applied: Int,
        appliedBefore: Int,
        staleness: LatencyHistogram
    ) -> String {
        line([
            "\(second)s", HumanUnits.count(Int64(committed)), HumanUnits.count(Int64(applied)),
            HumanUnits.count(Int64(committed - applied)),
            HumanUnits.rate(Double(applied - appliedBefore)),
            latency(staleness, 0.5), latency(staleness, 0.99),
        ])
    }

    package static func latency(_ latencies: LatencyHistogram, _ share: Double) -> String {
        guard latencies.count > 0 else { return "-" }
        return HumanUnits.latency(milliseconds: latencies.percentile(share) / .milliseconds(1))
    }

    private static func line(_ cells: [String]) -> String {
        zip(cells, widths).map { cell, width in
            String(repeating: " ", count: max(1, width - cell.count)) + cell
        }.joined()
    }
}
