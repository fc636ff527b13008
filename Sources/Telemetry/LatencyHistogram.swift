/// Counts latencies in 9 kB, whatever their number, with an error of at most 1/64.
///
/// Buckets are log-linear, the idea of HdrHistogram: up to 63 µs one for each microsecond, above
/// it 32 for each power of two, up to twelve days.
package struct LatencyHistogram: Sendable {
    private var counts = [UInt64](repeating: 0, count: Self.bucketCount)
    /// How many latencies were recorded.
    package private(set) var count: UInt64 = 0
    private var sumMicroseconds: UInt64 = 0
    private var maxMicroseconds: UInt64 = 0

    private static let exactBits = 6
    private static let topBit = 40
    private static let perOctave = 1 << (exactBits - 1)
    private static let bucketCount = (1 << exactBits) + (topBit - exactBits) * perOctave

    package init() {}

    /// Records the same latency `count` times; a negative one counts as zero.
    package mutating func record(_ latency: Duration, count: Int = 1) {
        let (seconds, attoseconds) = latency.components
        let micros = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !micros.overflow else { return record(microseconds: .max, count: count) }
        record(
            microseconds: Int(micros.partialValue) + Int(attoseconds / 1_000_000_000_000),
            count: count
        )
    }

    /// Records the same latency `count` times; a negative one counts as zero.
    package mutating func record(microseconds: Int, count: Int = 1) {
        precondition(count >= 0, "a latency cannot be taken back")
        let value = UInt64(Swift.max(0, microseconds))
        let times = UInt64(count)
        counts[Self.bucket(of: value)] += times
        self.count += times
        sumMicroseconds &+= value &* times
        if times > 0 { maxMicroseconds = Swift.max(maxMicroseconds, value) }
    }

    /// The latency that the given share of all latencies, from 0 to 1, does not exceed; zero when
    /// none was recorded.
    package func percentile(_ share: Double) -> Duration {
        precondition((0...1).contains(share), "a share is between 0 and 1")
        let rank = Swift.max(1, UInt64((share * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for (bucket, count) in counts.enumerated() where count > 0 {
            seen += count
            guard seen < rank else {
                let value = Swift.min(Self.middle(of: bucket), maxMicroseconds)
                return .microseconds(Int64(clamping: value))
            }
        }
        return .zero
    }

    /// The largest latency, exact.
    package var max: Duration { .microseconds(Int64(clamping: maxMicroseconds)) }

    /// All latencies together, exact.
    package var sum: Duration { .microseconds(Int64(clamping: sumMicroseconds)) }

    /// Adds all that the other one has recorded.
    package mutating func merge(_ other: LatencyHistogram) {
        for bucket in counts.indices { counts[bucket] += other.counts[bucket] }
        count += other.count
        sumMicroseconds &+= other.sumMicroseconds
        maxMicroseconds = Swift.max(maxMicroseconds, other.maxMicroseconds)
    }

    package mutating func reset() { self = LatencyHistogram() }

    private static func bucket(of value: UInt64) -> Int {
        guard value >= 1 << exactBits else { return Int(value) }
        let bit = UInt64.bitWidth - 1 - value.leadingZeroBitCount
        guard bit < topBit else { return bucketCount - 1 }
        let within = Int(value >> (bit - exactBits + 1)) - perOctave
        return (1 << exactBits) + (bit - exactBits) * perOctave + within
    }

    private static func middle(of bucket: Int) -> UInt64 {
        guard bucket >= 1 << exactBits else { return UInt64(bucket) }
        let (octave, within) = (bucket - 1 << exactBits).quotientAndRemainder(dividingBy: perOctave)
        let shift = octave + 1
        let lowest = UInt64(perOctave + within) << shift
        return lowest + (1 << shift - 1) / 2
    }
}
