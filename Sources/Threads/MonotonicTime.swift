import CLinux

/// A point of time on this machine's own clock, which nobody sets and which counts sleep too.
package struct MonotonicTime: Sendable, Hashable, Comparable {
    package let nanosecondsSinceBoot: Int64

    package init(nanosecondsSinceBoot: Int64) {
        self.nanosecondsSinceBoot = nanosecondsSinceBoot
    }

    package static var now: MonotonicTime {
        MonotonicTime(nanosecondsSinceBoot: linux_nanoseconds_since_boot())
    }

    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanosecondsSinceBoot < right.nanosecondsSinceBoot
    }

    package static func + (time: MonotonicTime, span: Duration) -> MonotonicTime {
        MonotonicTime(
            nanosecondsSinceBoot: time.nanosecondsSinceBoot.addingSaturated(span.nanoseconds)
        )
    }

    package static func - (later: MonotonicTime, earlier: MonotonicTime) -> Duration {
        .nanoseconds(later.nanosecondsSinceBoot - earlier.nanosecondsSinceBoot)
    }

    /// How long it is until this point; zero when it has passed.
    package var remaining: Duration {
        max(.zero, self - .now)
    }
}

extension Duration {
    /// Whole nanoseconds, held at the ends of what 64 bits can say (292 years).
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        return product.addingSaturated(attoseconds / 1_000_000_000)
    }
}

extension Int64 {
    fileprivate func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        guard overflow else { return sum }
        return other < 0 ? .min : .max
    }
}
