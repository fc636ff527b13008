/// Ids as runs without a gap: nothing else can lie within a run, so it can be settled as a range.
struct IDRuns: Equatable {
    private(set) var runs: [ClosedRange<Int64>] = []

    init(_ ids: [Int64]) {
        let ordered = zip(ids, ids.dropFirst()).allSatisfy(<) ? ids : ids.sorted()
        for id in ordered {
            if let last = runs.last, last.upperBound &+ 1 == id {
                runs[runs.count - 1] = last.lowerBound...id
            } else {
                runs.append(id...id)
            }
        }
    }

    /// Whether settling by runs costs less than settling by ids.
    func areFew(for count: Int) -> Bool {
        runs.count <= 4 && (runs.count == 1 || count > 64)
    }
}
