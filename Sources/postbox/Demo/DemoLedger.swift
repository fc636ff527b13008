package import Telemetry
package import Threads

/// When each version of each product was committed by one service and could be seen by the other.
///
/// A product's versions are 1, 2, 3, …; whoever sees one has seen those before it.
package struct DemoLedger: Sendable {
    private struct Track {
        /// The commits of versions 1, 2, 3, ….
        var commits: [MonotonicTime] = []
        var seen = 0
    }

    private var tracks: [Int64: Track] = [:]
    package private(set) var committedCount = 0
    /// How many of those committed can be seen.
    package private(set) var visibleCount = 0
    /// From the commit to being seen, of all changes and of those since `takeRecentStaleness`.
    package private(set) var staleness = LatencyHistogram()
    private var recentStaleness = LatencyHistogram()

    package init() {}

    package var isComplete: Bool { visibleCount == committedCount }

    package mutating func commit(_ product: Int64, at time: MonotonicTime) {
        tracks[product, default: Track()].commits.append(time)
        committedCount += 1
        // What was seen before its writer had the answer to its COMMIT was not stale at all.
        guard let track = tracks[product], track.commits.count <= track.seen else { return }
        note(.zero)
    }

    package mutating func see(_ product: Int64, version: Int, at time: MonotonicTime) {
        guard let track = tracks[product] else {
            tracks[product] = Track(seen: version)
            return
        }
        guard version > track.seen else { return }
        tracks[product]?.seen = version
        for commit in track.commits.prefix(version).dropFirst(track.seen) { note(time - commit) }
    }

    package mutating func takeRecentStaleness() -> LatencyHistogram {
        defer { recentStaleness.reset() }
        return recentStaleness
    }

    private mutating func note(_ span: Duration) {
        visibleCount += 1
        staleness.record(span)
        recentStaleness.record(span)
    }
}
