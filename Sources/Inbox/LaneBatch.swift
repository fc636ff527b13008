import Kafka
import Postgres

/// One lane's part of what was taken from Kafka together.
struct LaneBatch: Sendable {
    let survey: KafkaSurvey?
    /// The lane's records, in order.
    var rows: [Int32]
    /// How far the lane is when they are applied.
    var moves: [PositionMove]

    /// A batch without records: the lane only takes note that there was nothing for it.
    init(passing moves: [PositionMove]) {
        survey = nil
        rows = []
        self.moves = moves
    }

    init(_ survey: KafkaSurvey, rows: [Int32], moves: [PositionMove]) {
        self.survey = survey
        self.rows = rows
        self.moves = moves
    }

    /// Whether a lane that stands there would pass over records that it was handed before.
    func leavesGap(after standing: [KafkaPartition: Int64]) -> Bool {
        moves.contains { move in standing[move.partition].map { $0 < move.from } ?? false }
    }

    /// What its share of the records takes of memory.
    var byteCount: Int {
        guard let survey, survey.count > 0 else { return 0 }
        return (survey.byteCount / survey.count + 200) * rows.count
    }

    /// Cut into parts of at most so many records, each of which begins where the one before ended.
    ///
    /// The last one moves the positions as far as the whole does.
    func parts(of count: Int) -> [LaneBatch] {
        guard let survey, rows.count > count else { return [self] }
        var (parts, rest) = ([LaneBatch](), self)
        while rest.rows.count > count { parts.append(rest.removeFirst(count, of: survey)) }
        return parts + [rest]
    }

    /// Each record alone, and then what remains to be noted.
    func singles() -> [LaneBatch] {
        guard let survey else { return [self] }
        var (parts, rest) = ([LaneBatch](), self)
        while !rest.rows.isEmpty { parts.append(rest.removeFirst(1, of: survey)) }
        return parts + [rest]
    }

    private mutating func removeFirst(_ count: Int, of survey: KafkaSurvey) -> LaneBatch {
        let first = rows.prefix(count)
        rows.removeFirst(count)
        var last: [KafkaPartition: Int32] = [:]
        for row in first { last[survey.partition(at: Int(row))] = row }
        var ended: [PositionMove] = []
        for place in moves.indices {
            guard let row = last[moves[place].partition] else { continue }
            ended.append(moves[place].ending(with: Int(row), of: survey))
            moves[place].from = survey.offsets[Int(row)] + 1
        }
        return LaneBatch(survey, rows: Array(first), moves: ended)
    }
}

/// How far a partition is when a batch is applied.
struct PositionMove: Sendable, Equatable {
    let partition: KafkaPartition
    let generation: Int64
    /// Where the records before it end.
    ///
    /// A lane that does not stand there yet has let some of them go, and must not pass over them.
    var from: Int64
    /// The offset to go on at.
    var next: Int64
    /// The time of the last message.
    var eventTime: PostgresTimestamp?
    /// Kafka's time of the last record.
    var recordTime: Int64?

    fileprivate func ending(with row: Int, of survey: KafkaSurvey) -> PositionMove {
        var move = self
        move.next = survey.offsets[row] + 1
        move.eventTime = survey.createdAt(at: row).map(PostgresTimestamp.init(since2000:))
        move.recordTime = survey.timestamp(at: row)
        return move
    }
}
