/// A benchmark's report as people read it.
package struct BenchSheet {
    private let report: BenchReport

    package init(_ report: BenchReport) {
        self.report = report
    }

    package var lines: [String] {
        report.machine.lines(broker: report.broker, settings: report.settings) + [""] + drains + [
            ""
        ] + ratios + steady + [""] + [correctness]
    }

    /// A line for each drain, in the order of each contender.
    private var drains: [String] {
        var table = TextTable([
            "DRAIN", .right("ROWS"), .right("BYTES"), .right("SETTLED"), .right("CONSUMED"),
            .right("OWN CPU"), .right("POSTGRES"), .right("BROKER"), .right("WAL INSERT"),
            .right("WAL DRAIN"), .right("PEAK"), .right("BATCH"),
            .right("REQUEST"),
        ])
        for figures in report.floor { table.append(cells(figures.contender, figures)) }
        for figures in report.ours { table.append(cells(figures.contender, figures)) }
        for figures in report.heldSnapshot { table.append(cells("held snapshot", figures)) }
        return table.lines()
    }

    private func cells(_ name: String, _ figures: DrainFigures) -> [String] {
        [
            name, HumanUnits.grouped(Int64(figures.rows)), "\(report.payloadBytes)",
            HumanUnits.rate(figures.rate), HumanUnits.rate(figures.consumedRate),
            HumanUnits.microseconds(figures.ownMicroseconds),
            HumanUnits.microseconds(figures.postgresMicroseconds),
            figures.brokerMicroseconds.map(HumanUnits.microseconds) ?? "-",
            "\(whole(figures.insertLogBytes)) B", "\(whole(figures.drainLogBytes)) B",
            HumanUnits.bytes(figures.peakBytes), figures.rowsPerBatch.map { "\(whole($0))" } ?? "-",
            figures.recordsPerRequest.map { "\(whole($0))" } ?? "-",
        ]
    }

    private var ratios: [String] {
        let floor = report.ratioToFloor.map { "Ratio      \(percent($0)) of the floor's rate" }
        let held = report.ratioOfHeldSnapshot.map {
            "Snapshot   \(percent($0)) of our own rate while a snapshot is held"
        }
        return [floor, held].compactMap(\.self)
    }

    private var steady: [String] {
        guard let steady = report.steady else { return [] }
        return [
            "Latency    p50 \(milliseconds(steady.p50Milliseconds)), "
                + "p99 \(milliseconds(steady.p99Milliseconds)), "
                + "max \(milliseconds(steady.maxMilliseconds)) from commit to consumer "
                + "at \(HumanUnits.rate(steady.rate))",
            "Idle       \(HumanUnits.bytes(steady.idleBytes)), "
                + "\(HumanUnits.percent(steady.idlePercent)) of a core",
        ]
    }

    private var correctness: String {
        let drains = report.floor + report.ours + report.heldSnapshot
        let verdicts = drains.map(\.verdict) + [report.steady?.verdict].compactMap(\.self)
        let repeated = verdicts.reduce(0) { $0 + $1.repeated }
        let arrived = verdicts.reduce(0) { $0 + $1.arrived }
        return "Checked    \(HumanUnits.grouped(Int64(arrived))) messages, "
            + "0 lost, 0 never committed, 0 out of order, \(repeated) repeated"
    }

    private func milliseconds(_ value: Double) -> String {
        HumanUnits.latency(milliseconds: value)
    }

    private func percent(_ share: Double) -> String { HumanUnits.percent(share * 100) }

    private func whole(_ value: Double) -> Int64 { Int64(exactly: value.rounded()) ?? 0 }
}
