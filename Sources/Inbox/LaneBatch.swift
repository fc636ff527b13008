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

    /// What its share of the records takes of memory.
    var byteCount: Int {
        guard let survey, survey.count > 0 else { return 0 }
        return (survey.byteCount / survey.count + 200) * rows.count
    }

    /// The part of it that ends with one of its records.
    ///
    /// Order: the records before it must have been applied.
    func only(_ row: Int32) -> LaneBatch? {
        guard let survey else { return nil }
        let partition = survey.partition(at: Int(row))
        guard let whole = moves.first(where: { $0.partition == partition }) else { return nil }
        let offset = survey.offsets[Int(row)]
        let move = PositionMove(
            partition: partition,
            generation: whole.generation,
            next: offset + 1,
            eventTime: survey.createdAt(at: Int(row)).map(PostgresTimestamp.init(since2000:)),
            recordTime: survey.timestamp(at: Int(row))
        )
        return LaneBatch(survey, rows: [row], moves: [move])
    }
}

/// How far a partition is when a batch is applied.
struct PositionMove: Sendable, Equatable {
    let partition: KafkaPartition
    let generation: Int64
    /// The offset to go on at.
    var next: Int64
    /// The time of the last message.
    var eventTime: PostgresTimestamp?
    /// Kafka's time of the last record.
    var recordTime: Int64?
}
