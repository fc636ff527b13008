import Kafka
import Messaging
import Postgres
import Telemetry

/// A handler refused a batch: which of its messages are to blame is found out under savepoints, the
/// others are committed.
extension LaneApplier {
    /// Applies what can be applied, and parks the rest.
    ///
    /// Returns how many were applied.
    func isolate(_ work: LaneWork, _ session: LaneSession) throws -> Int {
        guard let survey = work.survey else { return 0 }
        var isolation = Isolation(holds: runtime.holds)
        try session.session.transaction { transaction in
            // A constraint that is checked at the end is checked at once, so that it is known whom it
            // is about.
            try transaction.run("SET CONSTRAINTS ALL IMMEDIATE")
            _ = try transaction.query(statements.positions.advance, lanePlace + Self.values(work))
            for (statement, values) in parkings(work, session) {
                _ = try transaction.query(statement, values)
            }
            let fresh = try freshRows(work, survey, session, transaction)
            try apply(fresh[...], of: survey, &isolation, session, transaction)
            try park(isolation, of: survey, session, transaction)
        }
        try forgive(work, session)
        blocked.formUnion(isolation.blocked)
        if !isolation.refused.isEmpty { noteRefused(isolation, survey) }
        return isolation.applied
    }

    /// What was found out so far.
    struct Isolation {
        let holds: Bool
        var applied = 0
        var refused: [(row: Int32, error: PostgresError)] = []
        var held: [Int32] = []
        var blocked: Set<Int64> = []
    }

    private func freshRows(
        _ work: LaneWork,
        _ survey: KafkaSurvey,
        _ session: LaneSession,
        _ transaction: borrowing PostgresTransaction
    ) throws -> [Int32] {
        guard runtime.definition.dedup.mode == .id, !work.rows.isEmpty else { return work.rows }
        let messages = encode(work.rows, of: survey, session)
        let rows = try transaction.query(
            statements.applying.fresh,
            [messages] + knowledge(work, session)
        )
        var fresh: [KafkaPartition: Set<Int64>] = [:]
        for row in 0..<rows.count {
            let partition = KafkaPartition(
                topic: rows.text(row, 0),
                partition: Int32(rows.int(row, 1))
            )
            fresh[partition, default: []].insert(rows.int64(row, 2))
        }
        return work.rows.filter { row in
            fresh[survey.partition(at: Int(row))]?.contains(survey.offsets[Int(row)]) ?? false
        }
    }

    /// Applies messages together, or each half of them when that is refused.
    private func apply(
        _ rows: ArraySlice<Int32>,
        of survey: KafkaSurvey,
        _ isolation: inout Isolation,
        _ session: LaneSession,
        _ transaction: borrowing PostgresTransaction
    ) throws {
        let free = rows.filter { !isolation.blocked.contains(survey.hashes[Int($0)]) }
        isolation.held += rows.filter { isolation.blocked.contains(survey.hashes[Int($0)]) }
        guard !free.isEmpty else { return }
        guard let refusal = try refusal(of: free, survey, session, transaction) else {
            isolation.applied += free.count
            return
        }
        guard free.count > 1 else { return isolation.refuse(free[0], refusal, of: survey) }
        let half = free.count / 2
        try apply(free[..<half], of: survey, &isolation, session, transaction)
        try apply(free[half...], of: survey, &isolation, session, transaction)
    }

    /// Applies messages under a savepoint; why that was refused, if it was.
    private func refusal(
        of rows: [Int32],
        _ survey: KafkaSurvey,
        _ session: LaneSession,
        _ transaction: borrowing PostgresTransaction
    ) throws -> PostgresError? {
        try transaction.run("SAVEPOINT part")
        do {
            _ = try transaction.query(
                statements.applying.again,
                [encode(rows, of: survey, session)]
            )
            try transaction.run("RELEASE part")
            return nil
        } catch {
            guard error.isRefusal else { throw error }
            try transaction.run("ROLLBACK TO part; RELEASE part")
            return error
        }
    }

    private func park(
        _ isolation: Isolation,
        of survey: KafkaSurvey,
        _ session: LaneSession,
        _ transaction: borrowing PostgresTransaction
    ) throws {
        let policy = runtime.definition.retry
        let parkings =
            isolation.refused.map { refused in
                LaneWork.Parking(
                    row: refused.row,
                    state: policy.maxAttempts > 1 ? .retrying : .dead,
                    holds: runtime.holds,
                    reason: refused.error.description,
                    attempts: 1,
                    wait: policy.delay(afterAttempt: 1, using: &random)
                )
            } + isolation.held.map { LaneWork.Parking(row: $0, state: .held, holds: true) }
        guard !parkings.isEmpty else { return }
        // Order: by their place in the partition, so that the ids rise in the order of each key.
        let request = parking(
            parkings.sorted { $0.row < $1.row },
            of: survey,
            session,
            isKnown: true
        )
        _ = try transaction.query(request.0, request.1)
    }

    private func noteRefused(_ isolation: Isolation, _ survey: KafkaSurvey) {
        for refused in isolation.refused {
            runtime.log.notice(
                "refused, will be tried again",
                [
                    "lane": lane, "partition": "\(survey.partition(at: Int(refused.row)))",
                    "offset": Int(survey.offsets[Int(refused.row)]),
                    "reason": refused.error.publicReason,
                ]
            )
        }
        link.update { $0.lastError = isolation.refused.last?.error.publicReason }
    }

    // MARK: Parking

    /// The statements that take a batch's held and unknown records out of the flow.
    func parkings(
        _ work: LaneWork,
        _ session: LaneSession
    ) -> [(PostgresStatement, [PostgresValue])] {
        guard let survey = work.survey else { return [] }
        var requests: [(PostgresStatement, [PostgresValue])] = []
        if !work.held.isEmpty {
            let isKnown = runtime.definition.dedup.mode != .id
            requests.append(parking(work.held, of: survey, session, isKnown: isKnown))
        }
        if !work.parked.isEmpty {
            requests.append(parking(work.parked, of: survey, session, isKnown: true))
        }
        return requests
    }

    /// Unless `isKnown`, their ids are noted, and repeats are left out.
    private func parking(
        _ parkings: [LaneWork.Parking],
        of survey: KafkaSurvey,
        _ session: LaneSession,
        isKnown: Bool
    ) -> (PostgresStatement, [PostgresValue]) {
        let rows = parkings.map(\.row)
        let since = RecordFates(runtime.definition.dedup, now: session.now, blocked: []).since
        let needsAnyDay = !isKnown && rows.contains { !survey.hasOwnTime(at: Int($0)) }
        return (
            statements.parked.park,
            [
                encode(rows, of: survey, session), .textArray(parkings.map(\.state.rawValue)),
                .boolArray(parkings.map(\.holds)), .textArray(parkings.map(\.reason)),
                .int4Array(parkings.map(\.attempts)),
                .int8Array(rows.map { survey.hashes[Int($0)] }),
                .int8Array(parkings.map(\.wait.milliseconds)), .bool(!isKnown),
                .timestamptz(since), .bool(needsAnyDay),
            ]
        )
    }
}

extension LaneApplier.Isolation {
    fileprivate mutating func refuse(
        _ row: Int32,
        _ error: PostgresError,
        of survey: KafkaSurvey
    ) {
        refused.append((row, error))
        if holds { blocked.insert(survey.hashes[Int(row)]) }
    }
}
