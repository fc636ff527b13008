/// How many events a second there were over the last ten seconds.
package struct RateMeter: Sendable {
    private var counts = [Int](repeating: 0, count: Self.slotCount)
    private let start: ContinuousClock.Instant
    /// The number of the newest slot since the start.
    private var newest = 0

    private static let slotCount = 40
    private static let slot = Duration.milliseconds(250)

    package init(startedAt start: ContinuousClock.Instant) { self.start = start }

    /// Counts events that happened at the moment, which counts as the newest seen if it is older.
    package mutating func record(_ count: Int, at now: ContinuousClock.Instant) {
        advance(to: now)
        counts[newest % Self.slotCount] += count
    }

    /// Events per second over the last ten seconds, or since the start if that is less, but never
    /// over less than one second.
    package mutating func rate(at now: ContinuousClock.Instant) -> Double {
        advance(to: now)
        let sinceSlot = (now - start) - Self.slot * newest
        let span = Self.slot * (Self.slotCount - 1) + max(.zero, sinceSlot)
        let covered = max(.seconds(1), min(now - start, span))
        return Double(counts.reduce(0, +)) / (covered / .seconds(1))
    }

    private mutating func advance(to now: ContinuousClock.Instant) {
        let current = Int((now - start) / Self.slot)
        guard current > newest else { return }
        if current - newest >= Self.slotCount {
            counts = [Int](repeating: 0, count: Self.slotCount)
        } else {
            for passed in newest + 1...current { counts[passed % Self.slotCount] = 0 }
        }
        newest = current
    }
}
