/// All that one benchmark has measured.
package struct BenchReport: Sendable {
    package var machine: BenchMachine
    package var broker: String
    package var settings: [String: String]
    package var payloadBytes: Int
    package var floor: [DrainFigures] = []
    package var ours: [DrainFigures] = []
    package var heldSnapshot: [DrainFigures] = []
    package var steady: SteadyFigures?

    package init(
        machine: BenchMachine,
        broker: String,
        settings: [String: String],
        payloadBytes: Int
    ) {
        self.machine = machine
        self.broker = broker
        self.settings = settings
        self.payloadBytes = payloadBytes
    }

    /// Our rate as a share of the floor's, medians of both; nil without a floor.
    package var ratioToFloor: Double? {
        guard let floor = median(floor.map(\.rate)), let ours = medianRate else { return nil }
        return ours / floor
    }

    /// The rate under a held snapshot as a share of the one without.
    package var ratioOfHeldSnapshot: Double? {
        guard let held = median(heldSnapshot.map(\.rate)), let medianRate else { return nil }
        return held / medianRate
    }

    private var medianRate: Double? { median(ours.map(\.rate)) }
}

extension BenchReport: Encodable {
    private enum CodingKeys: String, CodingKey {
        case machine, broker, settings, payloadBytes, floor, ours, heldSnapshot, steady
        case ratioToFloor, ratioOfHeldSnapshot
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(machine, forKey: .machine)
        try fields.encode(broker, forKey: .broker)
        try fields.encode(settings, forKey: .settings)
        try fields.encode(payloadBytes, forKey: .payloadBytes)
        try fields.encode(floor, forKey: .floor)
        try fields.encode(ours, forKey: .ours)
        try fields.encode(heldSnapshot, forKey: .heldSnapshot)
        try fields.encodeIfPresent(steady, forKey: .steady)
        try fields.encodeIfPresent(ratioToFloor, forKey: .ratioToFloor)
        try fields.encodeIfPresent(ratioOfHeldSnapshot, forKey: .ratioOfHeldSnapshot)
    }
}

/// The middle of the values, or between the two middle ones.
package func median(_ values: [Double]) -> Double? {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return nil }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}
