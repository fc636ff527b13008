import Telemetry
import Threads

/// What a lane counts for its status.
struct LaneMeter {
    private(set) var published: Int64 = 0
    private var latency = LatencyHistogram()
    private var rate = RateMeter(startedAt: .now)
    private var latencySince = MonotonicTime.now
    private var shown: (p50: Double, p99: Double)?

    mutating func count(acked: Int, visibleSince: MonotonicTime) {
        guard acked > 0 else { return }
        published += Int64(acked)
        latency.record(.now - visibleSince, count: acked)
        rate.record(acked, at: .now)
    }

    mutating func ratePerSecond() -> Double { rate.rate(at: .now) }

    /// Median and 99th percentile in milliseconds over the last ten seconds or so.
    mutating func percentiles() -> (p50: Double, p99: Double)? {
        if latency.count > 0 {
            shown = (
                latency.percentile(0.5) / .milliseconds(1),
                latency.percentile(0.99) / .milliseconds(1)
            )
        }
        if MonotonicTime.now - latencySince > .seconds(10) {
            if latency.count == 0 { shown = nil }
            latency.reset()
            latencySince = .now
        }
        return shown
    }
}
