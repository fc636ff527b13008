/// Finds what was probably meant by a name that nobody knows.
package enum NearestName {
    /// The candidate with the fewest edits, if these are few for a name of this length.
    package static func find(_ name: String, among candidates: some Sequence<String>) -> String? {
        guard name.utf8.count <= 64 else { return nil }
        let ranked = candidates.map { (name: $0, edits: edits(name, $0)) }
        guard let best = ranked.min(by: { ($0.edits, $0.name) < ($1.edits, $1.name) }),
            best.edits <= max(1, min(name.count, best.name.count) / 3)
        else { return nil }
        return best.name
    }

    /// Insertions, removals, replacements and swaps of neighbours that make `right` of `left`.
    static func edits(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
                var best = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
