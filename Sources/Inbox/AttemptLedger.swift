import Kafka

/// What a lane has begun and not finished, as `attempt` has it in the database.
///
/// A crash of the database empties that table; this one outlives it.
struct AttemptLedger {
    struct Attempt: Equatable {
        var tries: Int
        /// Whether it was one message.
        var isAlone: Bool
    }

    private var begun: [KafkaPartition: (position: Int64, attempt: Attempt)] = [:]

    /// How often each was begun, with this time, by the rule of `begin_attempt.sql`.
    mutating func begin(_ work: LaneWork, isAlone: Bool) -> [Attempt] {
        zip(work.moves, work.old).map { move, position in
            var attempt = Attempt(tries: 1, isAlone: isAlone)
            if let before = begun[move.partition], before.position == position {
                attempt = before.attempt.again(isAlone: isAlone)
            }
            begun[move.partition] = (position, attempt)
            return attempt
        }
    }

    /// It has ended, well or with an error, but without a crash.
    mutating func end(_ work: LaneWork) {
        for move in work.moves { begun[move.partition] = nil }
    }
}

extension AttemptLedger.Attempt {
    /// A message that was begun alone stays so: a batch does not take its place.
    fileprivate func again(isAlone: Bool) -> Self {
        if isAlone == self.isAlone { return Self(tries: tries + 1, isAlone: isAlone) }
        return self.isAlone ? self : Self(tries: 1, isAlone: isAlone)
    }
}
