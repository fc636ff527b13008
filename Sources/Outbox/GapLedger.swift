/// Which ids a reader has passed over without seeing a row, and may still have to read.
///
/// Ids are drawn before a transaction commits, so a row can become visible after rows with higher
/// ids. Every read therefore covers what lies after `cursor` and, by the same snapshot, all gaps
/// before it. A gap is closed when its row is seen, or when a read found nothing there that was sent
/// after every transaction had ended that could hold a row in it: those that were writing to the
/// table after the gap was noticed.
struct GapLedger {
    /// Ids `first...last`, none of which was seen.
    struct Gap: Equatable {
        var first: Int64
        var last: Int64
        /// Those who may hold a row in it; nil until they were asked for.
        var writers: Set<String>?
        /// The look at the writers that found none of them; nil while one may go on.
        var endedAt: Int?
    }

    /// The highest id that was seen.
    private(set) var cursor: Int64
    /// In order, apart from each other.
    private(set) var gaps: [Gap] = []
    /// Whether gaps were merged over ids that were seen, which reads must then leave out.
    private(set) var isCoarse = false
    /// How often it was looked who is writing to the table.
    private(set) var looks = 0

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
            var gap = gap
            gap.last = min(gap.last, position)
            return gap
        }
    }

    /// Takes note of who is writing to the table: gaps noticed since the last look may be theirs, and
    /// those before have fewer writers left.
    mutating func update(writers current: Set<String>) {
        looks += 1
        for index in gaps.indices where gaps[index].endedAt == nil {
            let left = gaps[index].writers.map { $0.intersection(current) } ?? current
            gaps[index].writers = left
            if left.isEmpty { gaps[index].endedAt = looks }
        }
    }

    /// Closes the ended gaps, as far as a read has covered them.
    ///
    /// It was sent after `look`, and has seen all there was up to `position`.
    mutating func close(upTo position: Int64, seenAfter look: Int) {
        gaps = gaps.compactMap { gap in
            guard let ended = gap.endedAt, ended <= look, gap.first <= position else { return gap }
            guard gap.last > position else { return nil }
            var rest = gap
            rest.first = position + 1
            return rest
        }
        if gaps.isEmpty { isCoarse = false }
    }

    /// A row was seen in a gap, which it splits.
    private mutating func remove(_ id: Int64) {
        guard let index = gaps.firstIndex(where: { $0.first <= id && id <= $0.last }) else {
            return
        }
        var (before, after) = (gaps[index], gaps[index])
        before.last = id - 1
        after.first = id + 1
        let rest = [before, after].filter { $0.first <= $0.last }
        gaps.replaceSubrange(index...index, with: rest)
    }

    /// Merges gaps until half as many are left: those with the same writers if that is enough, so
    /// that what was noticed long ago can close while new gaps come.
    private mutating func coarsen() {
        merge { $0.writers == $1.writers && $0.endedAt == $1.endedAt }
        if gaps.count > Self.gapLimit { merge { _, _ in true } }
        isCoarse = true
    }

    /// Merges the neighbours that lie closest to each other, of those that may be merged.
    private mutating func merge(where isAllowed: (Gap, Gap) -> Bool) {
        let distances = zip(gaps, gaps.dropFirst()).map { left, right in
            isAllowed(left, right) ? right.first - left.last : .max
        }
        let excess = gaps.count - Self.gapLimit / 2
        let limit = distances.sorted()[excess - 1]
        var merged = [gaps[0]]
        for (gap, distance) in zip(gaps.dropFirst(), distances) {
            if distance <= limit, distance < .max {
                merged[merged.count - 1].take(in: gap)
            } else {
                merged.append(gap)
            }
        }
        gaps = merged
    }
}

extension GapLedger.Gap {
    /// Becomes one with a gap behind it; it has the writers of both.
    fileprivate mutating func take(in next: Self) {
        last = next.last
        if let mine = writers, let theirs = next.writers {
            writers = mine.union(theirs)
        } else {
            writers = nil
        }
        if let mine = endedAt, let theirs = next.endedAt {
            endedAt = max(mine, theirs)
        } else {
            endedAt = nil
        }
    }
}
