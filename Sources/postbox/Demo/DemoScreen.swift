package import Telemetry

/// The lines that the demo shows while it runs, one a second.
package enum DemoScreen {
    private static let widths = [6, 11, 11, 9, 11, 10, 10]

    package static let header = line([
        "TIME", "WRITTEN", "ARRIVED", "BACKLOG", "RATE", "P50", "P99",
    ])

    /// A second of the run; the latencies are those of that second.
    package static func second(
        _ second: Int,
        verdict: DeliveryVerdict,
        arrivedBefore: Int,
        latencies: LatencyHistogram
    ) -> String {
        line([
            "\(second)s", HumanUnits.count(Int64(verdict.committed)),
            HumanUnits.count(Int64(verdict.arrived)), HumanUnits.count(Int64(verdict.lost)),
            HumanUnits.rate(Double(verdict.arrived - arrivedBefore)),
            latency(latencies, 0.5), latency(latencies, 0.99),
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
