import Synchronization
import Threads

/// Which share of one core this process has used lately.
final class ProcessorMeter: Sendable {
    private struct Sample {
        let at: MonotonicTime
        let used: Duration
    }

    /// The two last samples, the older first.
    private let samples: Mutex<(Sample, Sample)>

    init() {
        let start = Self.sample() ?? Sample(at: .now, used: .zero)
        samples = Mutex((start, start))
    }

    /// Begins a new window; called every few seconds.
    func turn() {
        guard let fresh = Self.sample() else { return }
        samples.withLock { $0 = ($0.1, fresh) }
    }

    /// The share in percent since the sample before the last; nil when it cannot be told.
    func percent() -> Double? {
        guard let now = Self.sample() else { return nil }
        let before = samples.withLock { $0.0 }
        let span = now.at - before.at
        return span > .zero ? (now.used - before.used) / span * 100 : nil
    }

    private static func sample() -> Sample? {
        ProcessFigures.current().map { Sample(at: .now, used: $0.processorTime) }
    }
}
