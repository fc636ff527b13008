import Postgres

/// What became of a batch.
struct ApplyOutcome {
    let applied: Int
    /// Recognised as seen before.
    let repeated: Int
}

/// Which of the records whose ids were noted are new.
enum FreshRows: Equatable {
    case all
    /// Their places among those that were noted, from 0.
    case some(Set<Int>)

    /// From the answer of `note_ids.sql`.
    init(_ rows: borrowing PostgresRows) {
        guard rows.count == 1, !rows.isNull(0, 0) else {
            self = .all
            return
        }
        self = .some(Set(rows.int64Array(0, 0).map { Int($0) - 1 }))
    }

    func contains(_ place: Int) -> Bool {
        switch self {
        case .all: true
        case .some(let places): places.contains(place)
        }
    }

    /// How many were seen before, of so many that were noted.
    func repeated(among count: Int) -> Int {
        switch self {
        case .all: 0
        case .some(let places): count - places.count
        }
    }

    /// Those that are to be applied.
    func rows(of work: LaneWork) -> [Int32] {
        if self == .all { return work.rows }
        return work.rows.enumerated().filter { contains($0.offset) }.map(\.element)
    }

    /// Those that wait.
    func held(of work: LaneWork) -> [LaneWork.Parking] {
        let before = work.rows.count
        return work.held.enumerated().filter { contains(before + $0.offset) }.map(\.element)
    }
}
