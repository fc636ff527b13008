/// All that one benchmark of an inbox has measured.
package struct InboxBenchReport: Sendable {
    package var machine: BenchMachine
    package var broker: String
    package var settings: [String: String]
    package var payloadBytes: Int
    package var lanes: Int
    package var runs: [ApplyFigures] = []

    package init(
        machine: BenchMachine,
        broker: String,
        settings: [String: String],
        payloadBytes: Int,
        lanes: Int
    ) {
        self.machine = machine
        self.broker = broker
        self.settings = settings
        self.payloadBytes = payloadBytes
        self.lanes = lanes
    }

    /// A contender's rate as a share of the floor's with as many repeats, medians of both; nil
    /// without a floor.
    package func ratioToFloor(of contender: String, _ repeats: RepeatShare) -> Double? {
        guard contender != "floor", let floor = rate(of: "floor", repeats),
            let rate = rate(of: contender, repeats)
        else { return nil }
        return rate / floor
    }

    private func rate(of contender: String, _ repeats: RepeatShare) -> Double? {
        median(runs.filter { $0.contender == contender && $0.repeats == repeats }.map(\.rate))
    }
}

extension InboxBenchReport: Encodable {
    private enum CodingKeys: String, CodingKey {
        case machine, broker, settings, payloadBytes, lanes, runs, ratiosToFloor
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(machine, forKey: .machine)
        try fields.encode(broker, forKey: .broker)
        try fields.encode(settings, forKey: .settings)
        try fields.encode(payloadBytes, forKey: .payloadBytes)
        try fields.encode(lanes, forKey: .lanes)
        try fields.encode(runs, forKey: .runs)
        try fields.encode(ratios, forKey: .ratiosToFloor)
    }

    private var ratios: [Ratio] {
        let cases = runs.map { [$0.contender, "\($0.repeats.rawValue)"] }
        return runs.indices.filter { cases.firstIndex(of: cases[$0]) == $0 }.compactMap { index in
            let run = runs[index]
            return ratioToFloor(of: run.contender, run.repeats).map {
                Ratio(contender: run.contender, repeats: run.repeats, ratio: $0)
            }
        }
    }

    private struct Ratio: Encodable {
        let contender: String
        let repeats: RepeatShare
        let ratio: Double
    }
}
