import Kafka
import Messaging
import Postgres

/// What a lane is about to do with a batch: the part of it that is still to be applied.
struct LaneWork {
    /// A record that is taken out of the flow.
    struct Parking {
        let row: Int32
        var state: DeadLetter.State
        var holds: Bool
        var reason: String?
        var attempts: Int32 = 0
        var wait = Duration.zero
    }

    let survey: KafkaSurvey?
    let moves: [PositionMove]
    /// Where the lane stands in each move's partition.
    let old: [Int64]
    /// The oldest and the youngest time that ids are known of.
    let since, until: PostgresTimestamp
    var rows: [Int32] = []
    /// Those that were held or parked before, and are known by their id.
    var held: [Parking] = []
    /// Those that no id can be noted of.
    var parked: [Parking] = []
    var repeated = 0
    var late = 0
    /// Hashes of keys that wait from this batch on.
    private(set) var blocked: Set<Int64> = []

    /// Those that are known by their ids: the first to be applied, the others held.
    var recognised: [Int32] { rows + held.map(\.row) }

    mutating func block(_ hash: Int64) { blocked.insert(hash) }

    /// Nil when nothing of the batch is left to do.
    init?(_ batch: LaneBatch, standing: [KafkaPartition: Int64], _ fates: RecordFates, holds: Bool)
    {
        survey = batch.survey
        moves = batch.moves.filter { move in
            standing[move.partition].map { $0 < move.next } ?? false
        }
        old = moves.map { standing[$0.partition] ?? 0 }
        (since, until) = (fates.since, fates.until)
        guard !moves.isEmpty else { return nil }
        guard let survey = batch.survey else { return }
        let open = Dictionary(uniqueKeysWithValues: zip(moves.map(\.partition), old))
        for row in batch.rows {
            guard let from = open[survey.partition(at: Int(row))],
                survey.offsets[Int(row)] >= from
            else { continue }
            sort(row, by: fates.fate(of: Int(row), in: survey), holds: holds)
        }
    }

    /// Order: what follows a parked record of its key waits behind it, in this very batch too.
    private mutating func sort(_ row: Int32, by fate: RecordFate, holds: Bool) {
        let hash = survey?.hashes[Int(row)] ?? 0
        switch fate {
        case .apply where blocked.contains(hash):
            held.append(Parking(row: row, state: .held, holds: true))
        case .apply: rows.append(row)
        case .hold: held.append(Parking(row: row, state: .held, holds: true))
        case .park(let reason):
            if holds { blocked.insert(hash) }
            parked.append(Parking(row: row, state: .dead, holds: holds, reason: reason))
        case .late(let reason):
            late += 1
            parked.append(Parking(row: row, state: .dead, holds: false, reason: reason))
        case .repeated: repeated += 1
        case .drop: late += 1
        }
    }
}
