import Kafka
import Postgres

/// Where the lanes of one partition stand, and which records they have had.
///
/// Positions of another number of lanes, from before a change of configuration, stay as a filter
/// until they are overtaken: a record that the lane of its key had then is not applied again.
struct PositionLedger: Sendable, Equatable {
    /// The positions of one number of lanes, by lane.
    struct Group: Sendable, Equatable {
        var next: [Int64]

        var lanes: Int { next.count }

        func hasApplied(_ offset: Int64, hash: Int64) -> Bool {
            offset < next[lane(of: hash, among: lanes)]
        }
    }

    let generation: Int64
    var current: Group
    var earlier: [Group]
    /// Kafka's time of the record before `start` as it was when the ledger was made: another one
    /// says that the topic is another one.
    let recordTime: Int64?

    /// From the rows of the position table, those of all numbers of lanes.
    ///
    /// Nil when there are none. A partition that has none for this number of lanes begins where every
    /// earlier lane has been.
    init?(_ rows: [PositionRow], lanes: Int) {
        guard let generation = rows.map(\.generation).max() else { return nil }
        var groups: [Int: Group] = [:]
        for row in rows where row.lane < row.lanes {
            groups[row.lanes, default: Group(next: Array(repeating: 0, count: row.lanes))]
                .next[row.lane] = row.nextOffset
        }
        let start = groups.values.map { $0.next.min() ?? 0 }.max() ?? 0
        self.generation = generation
        isNew = groups[lanes] == nil
        current = groups[lanes] ?? Group(next: Array(repeating: start, count: lanes))
        earlier = groups.filter { $0.key != lanes }.sorted { $0.key < $1.key }.map(\.value)
        let place = current.next.min()
        recordTime = rows.first { $0.nextOffset == place && $0.recordTime != nil }?.recordTime
    }

    /// A partition that nobody has read.
    init(from start: Int64, lanes: Int) {
        generation = 1
        isNew = true
        current = Group(next: Array(repeating: start, count: lanes))
        earlier = []
        recordTime = nil
    }

    /// Whether its rows are still to be made.
    let isNew: Bool

    /// Where to read on: the lane that is behind the others says.
    var start: Int64 { current.next.min() ?? 0 }

    /// From here on every record is new to its lane.
    var isFilteredBelow: Int64 {
        ([current] + earlier).compactMap { $0.next.max() }.max() ?? 0
    }

    func hasApplied(_ offset: Int64, hash: Int64) -> Bool {
        current.hasApplied(offset, hash: hash)
            || earlier.contains { $0.hasApplied(offset, hash: hash) }
    }
}

/// A row of the position table.
struct PositionRow: Sendable, Equatable {
    var lanes: Int
    var lane: Int
    var generation: Int64
    var nextOffset: Int64
    var recordTime: Int64?

    /// All rows that a statement gave, by partition.
    static func byPartition(_ rows: borrowing PostgresRows) -> [KafkaPartition: [PositionRow]] {
        var found: [KafkaPartition: [PositionRow]] = [:]
        for row in 0..<rows.count {
            found[KafkaPartition(rows, row), default: []].append(
                PositionRow(
                    lanes: rows.int(row, 2),
                    lane: rows.int(row, 3),
                    generation: rows.int64(row, 4),
                    nextOffset: rows.int64(row, 5),
                    recordTime: rows.int64OrNil(row, 6)
                )
            )
        }
        return found
    }
}

/// Which lane a key belongs to.
func lane(of hash: Int64, among lanes: Int) -> Int {
    Int(UInt64(bitPattern: hash) % UInt64(lanes))
}
