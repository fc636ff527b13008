/// Finds the name that somebody meant.
enum NearestName {
    /// The name that takes the fewest changes, if that is few enough to be what was meant.
    static func nearest(to word: String, in names: [String]) -> String? {
        if let longer = names.first(where: { word.count >= 2 && $0.hasPrefix(word) }) {
            return longer
        }
        let limit = max(1, word.count / 3)
        return names.map { (name: $0, distance: distance(word, $0)) }
            .filter { $0.distance <= limit }
            .min { $0.distance < $1.distance }?
            .name
    }

    /// How many characters must be put in, left out, replaced or swapped with their neighbour.
    private static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left)
        let right = Array(right)
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let isSame = left[row] == right[column]
                var best = min(
                    last[column + 1] + 1,
                    current[column] + 1,
                    last[column] + (isSame ? 0 : 1)
                )
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
