import Telemetry
import Testing

struct LatencyHistogramTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `no percentile is off by more than a 64th`(seed: UInt64) {
        var chance = SeededChance(seed: seed)
        let values = (0..<2000).map { _ in
            Int.random(in: 0...(1 << Int.random(in: 1...39, using: &chance)), using: &chance)
        }
        var histogram = LatencyHistogram()
        for value in values { histogram.record(microseconds: value) }
        let sorted = values.sorted()
        for share in [0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1] {
            let rank = max(1, Int((share * Double(sorted.count)).rounded(.up)))
            let exact = Double(sorted[rank - 1])
            let found = histogram.percentile(share) / .microseconds(1)
            #expect(abs(found - exact) <= exact / 64, "seed \(seed), share \(share)")
        }
        #expect(histogram.max == .microseconds(sorted[sorted.count - 1]))
        #expect(histogram.sum == .microseconds(sorted.reduce(0, +)))
    }

    @Test func `a merged histogram says what one that saw everything says`() {
        var chance = SeededChance(seed: 7)
        var (left, right, both) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
        for number in 0..<1000 {
            let latency = Duration.microseconds(Int.random(in: 0...1_000_000, using: &chance))
            if number.isMultiple(of: 3) { left.record(latency) } else { right.record(latency) }
            both.record(latency)
        }
        left.merge(right)
        #expect(left.count == both.count && left.max == both.max && left.sum == both.sum)
        for share in [0.1, 0.5, 0.99] {
            #expect(left.percentile(share) == both.percentile(share))
        }
    }

    @Test func `an empty or reset histogram says zero`() {
        var histogram = LatencyHistogram()
        #expect(histogram.percentile(0.5) == .zero && histogram.max == .zero)
        histogram.record(.milliseconds(3), count: 5)
        #expect(histogram.count == 5 && histogram.percentile(0.5) >= .microseconds(2953))
        histogram.reset()
        #expect(histogram.count == 0 && histogram.percentile(1) == .zero)
    }

    @Test func `what lies beyond the ends is counted at the ends`() {
        var histogram = LatencyHistogram()
        histogram.record(.seconds(-1))
        histogram.record(.seconds(Int64.max))
        #expect(histogram.count == 2 && histogram.percentile(0) == .zero)
    }
}

/// The same numbers for the same seed (SplitMix64).
private struct SeededChance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
