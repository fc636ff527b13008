/// An inbox benchmark's report as people read it.
package struct InboxBenchSheet {
    private let report: InboxBenchReport

    package init(_ report: InboxBenchReport) {
        self.report = report
    }

    package var lines: [String] {
        report.machine.lines(broker: report.broker, settings: report.settings)
            + ["Inbox      lanes: \(report.lanes), payloads of \(report.payloadBytes) B", ""]
            + runs + ["", correctness]
    }

    /// Each case with all its contenders, in the order in which they were measured.
    private var runs: [String] {
        var table = TextTable([
            .right("REPEATS"), "APPLIED BY", .right("MESSAGES"), .right("RATE"),
            .right("OF FLOOR"), .right("OWN CPU"), .right("POSTGRES"), .right("BROKER"),
            .right("WAL"), .right("PEAK"),
        ])
        for repeats in RepeatShare.allCases {
            for figures in report.runs where figures.repeats == repeats {
                table.append(cells(figures))
            }
        }
        return table.lines()
    }

    private func cells(_ figures: ApplyFigures) -> [String] {
        let ratio = report.ratioToFloor(of: figures.contender, figures.repeats)
        return [
            "\(figures.repeats.rawValue) %", figures.contender,
            HumanUnits.grouped(Int64(figures.messages)), HumanUnits.rate(figures.rate),
            ratio.map { HumanUnits.percent($0 * 100) } ?? "-",
            HumanUnits.microseconds(figures.ownMicroseconds),
            HumanUnits.microseconds(figures.postgresMicroseconds),
            figures.brokerMicroseconds.map(HumanUnits.microseconds) ?? "-",
            "\(Int64(figures.logBytes.rounded())) B", HumanUnits.bytes(figures.peakBytes),
        ]
    }

    private var correctness: String {
        let messages = report.runs.reduce(0) { $0 + $1.messages }
        return "Checked    \(HumanUnits.grouped(Int64(messages))) messages, each applied once: "
            + "the sum of every key is exact after each run"
    }
}
