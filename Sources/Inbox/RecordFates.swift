import Kafka
import Messaging
import Postgres

/// What is to become of a record, by what can be seen before it is applied.
enum RecordFate: Equatable {
    case apply
    /// Waits behind a parked message of its key.
    case hold
    /// Cannot be recognised when it comes again.
    case park(reason: String)
    /// Outside the window.
    case late(reason: String)
    /// Was in the same batch before.
    case repeated
    /// Outside the window, and to be dropped then.
    case drop
}

/// Decides the fates of a batch's records.
struct RecordFates {
    let rule: DedupRule
    /// The oldest and the youngest time that ids are known of.
    let since, until: PostgresTimestamp
    /// Hashes of the keys that wait.
    let blocked: Set<Int64>

    /// Ids from before `knownSince` were forgotten or never noted.
    init(
        _ rule: DedupRule,
        now: PostgresTimestamp,
        knownSince: PostgresTimestamp? = nil,
        blocked: Set<Int64>
    ) {
        self.rule = rule
        self.blocked = blocked
        let day: Int64 = 86_400_000_000
        let window = Int64(rule.window / .microseconds(1))
        let oldest = PostgresTimestamp(microsecondsSince1970: now.microsecondsSince1970 - window)
        since = max(oldest, knownSince ?? oldest)
        until = PostgresTimestamp(microsecondsSince1970: now.microsecondsSince1970 + day)
    }

    func fate(of row: Int, in survey: KafkaSurvey) -> RecordFate {
        fate(
            problem: survey.idProblem(at: row),
            createdAt: survey.createdAt(at: row).map(PostgresTimestamp.init(since2000:)),
            hash: survey.hashes[row]
        )
    }

    func fate(problem: KafkaIDProblem?, createdAt: PostgresTimestamp?, hash: Int64) -> RecordFate {
        if rule.mode == .id {
            if let problem { return Self.fate(of: problem) }
            if let reason = reasonOutside(createdAt) {
                switch rule.outside {
                case .park: return .late(reason: reason)
                case .drop: return .drop
                case .apply: break
                }
            }
        }
        return blocked.contains(hash) ? .hold : .apply
    }

    private static func fate(of problem: KafkaIDProblem) -> RecordFate {
        switch problem {
        case .missing: .park(reason: "it has no id where the inbox looks for one")
        case .tooLong: .park(reason: "its id has more than 1000 bytes")
        case .notText: .park(reason: "its id is not text")
        case .repeated: .repeated
        }
    }

    /// Why repeats of a message of that time could not be recognised.
    func reasonOutside(_ createdAt: PostgresTimestamp?) -> String? {
        guard let createdAt else { return "late: it has no time" }
        if createdAt < since { return "late: it is older than the ids that are known" }
        if createdAt > until { return "its time lies more than a day ahead" }
        return nil
    }
}

extension PostgresTimestamp {
    /// From the count of microseconds that PostgreSQL itself uses.
    init(since2000 microseconds: Int64) {
        self.init(microsecondsSince1970: microseconds + 946_684_800_000_000)
    }
}
