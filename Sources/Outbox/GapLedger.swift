/// Which ids a reader has passed over without seeing a row, and may still have to read.
///
/// Ids are drawn before a transaction commits, so a row can become visible after rows with higher
/// ids. Every read therefore covers what lies after `cursor` and, by the same snapshot, all gaps
/// before it. A gap is closed when its row is seen, or when every transaction that could still hold
/// a row in it has ended: those that were writing to the table after the gap was noticed.
struct GapLedger {
    /// Ids `first...last`, none of which was seen.
    struct Gap: Equatable {
        var first: Int64
        var last: Int64
        /// Those who may hold a row in it; nil until they were asked for.
        var writers: Set<String>?
    }

    /// The highest id that was seen.
    private(set) var cursor: Int64
    /// In order, apart from each other.
    private(set) var gaps: [Gap] = []
    /// Whether gaps were merged over ids that were seen, which reads must then leave out.
    private(set) var isCoarse = false

    /// Few enough for a read to probe them all.
    static let gapLimit = 256

    /// Everything after `cursor` is still to be read.
    ///
    /// From the very start, that is everything.
    init(cursor: Int64 = .min) {
        self.cursor = cursor
    }

    /// Takes note of rows that were read, by their ids in order.
    mutating func observe(_ ids: some Sequence<Int64>) {
        for id in ids {
            if id <= cursor {
                remove(id)
            } else {
                if id - 1 > cursor { gaps.append(Gap(first: cursor + 1, last: id - 1)) }
                cursor = id
            }
        }
        if gaps.count > Self.gapLimit { coarsen() }
    }

    /// Reads again everything after `position`.
    mutating func rewind(to position: Int64) {
        guard position < cursor else { return }
        cursor = position
        gaps = gaps.compactMap { gap in
            guard gap.first <= position else { return nil }
            return Gap(
                first: gap.first,
                last: min(gap.last, position),
                writers: gap.writers
            )
        }
    }

    /// Closes the gaps whose writers are all gone, and gives those noticed since the last time the
    /// writers of now.
    mutating func update(writers current: Set<String>) {
        gaps = gaps.compactMap { gap in
            var gap = gap
            gap.writers = gap.writers.map { $0.intersection(current) } ?? current
            return gap.writers?.isEmpty == true ? nil : gap
        }
        if gaps.isEmpty { isCoarse = false }
    }

    /// A row was seen in a gap, which it splits.
    private mutating func remove(_ id: Int64) {
        guard let index = gaps.firstIndex(where: { $0.first <= id && id <= $0.last }) else {
            return
        }
        let gap = gaps[index]
        var rest: [Gap] = []
        if gap.first < id { rest.append(Gap(first: gap.first, last: id - 1, writers: gap.writers)) }
        if id < gap.last { rest.append(Gap(first: id + 1, last: gap.last, writers: gap.writers)) }
        gaps.replaceSubrange(index...index, with: rest)
    }

    /// Merges the gaps that lie closest to each other until half as many are left.
    private mutating func coarsen() {
        let excess = gaps.count - Self.gapLimit / 2
        let distances = gaps.indices.dropFirst().map { gaps[$0].first - gaps[$0 - 1].last }
        let limit = distances.sorted()[excess - 1]
        var merged: [Gap] = [gaps[0]]
        for (gap, distance) in zip(gaps.dropFirst(), distances) {
            if distance <= limit {
                merged[merged.count - 1] = Gap(
                    first: merged[merged.count - 1].first,
                    last: gap.last
                )
            } else {
                merged.append(gap)
            }
        }
        gaps = merged
        isCoarse = true
    }
}
