import Kafka
import Messaging
import Postgres
import Telemetry

/// A handler refused a batch: which of its messages are to blame is found out under savepoints, the
/// others are committed.
extension LaneApplier {
    /// Applies what can be applied, and parks the rest.
    func isolate(_ work: LaneWork, _ session: LaneSession) throws -> ApplyOutcome {
        guard let survey = work.survey else { return ApplyOutcome(applied: 0, repeated: 0) }
        var isolation = Isolation(holds: runtime.holds)
        try session.session.transaction { transaction in
            // A constraint that is checked at the end is checked at once, so that it is known whom it
            // is about.
            try transaction.run("SET CONSTRAINTS ALL IMMEDIATE")
            _ = try transaction.query(statements.positions.advance, lanePlace + Self.values(work))
            let fresh = try fresh(work, survey, session, transaction)
            isolation.repeated = fresh.repeated(among: work.recognised.count)
            try apply(fresh.rows(of: work)[...], of: survey, &isolation, session, transaction)
            // Order: all at once, so that the ids rise in the order of each key.
            let parkings = isolation.parkings(runtime.definition, &random)
            try park(
                work.parked + fresh.held(of: work) + parkings,
                of: survey,
                session,
                transaction
            )
        }
        // Order: first what is committed. An attempt that cannot be forgiven now ends with the position.
        blocked.formUnion(isolation.blocked)
        if !isolation.refused.isEmpty { noteRefused(isolation, survey) }
        try? forgive(work, session)
        return ApplyOutcome(applied: isolation.applied, repeated: isolation.repeated)
    }

    /// What was found out so far.
    struct Isolation {
        let holds: Bool
        var applied = 0
        var repeated = 0
        var refused: [(row: Int32, error: PostgresError)] = []
        var held: [Int32] = []
        var blocked: Set<Int64> = []
    }

    private func fresh(
        _ work: LaneWork,
        _ survey: KafkaSurvey,
        _ session: LaneSession,
        _ transaction: borrowing PostgresTransaction
    ) throws -> FreshRows {
        guard let noting = noting(work, survey) else { return .all }
        return FreshRows(try transaction.query(noting.statement, noting.values))
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
                statements.applying.messages,
                [encode(rows, of: survey, session)]
            )
            // The handler may have put constraints off until the end.
            try transaction.run("SET CONSTRAINTS ALL IMMEDIATE; RELEASE part")
            return nil
        } catch {
            guard error.isRefusal else { throw error }
            try transaction.run("ROLLBACK TO part; RELEASE part")
            return error
        }
    }

    private func park(
        _ parkings: [LaneWork.Parking],
        of survey: KafkaSurvey,
        _ session: LaneSession,
        _ transaction: borrowing PostgresTransaction
    ) throws {
        guard !parkings.isEmpty else { return }
        let request = parking(parkings, of: survey, session)
        _ = try transaction.query(request.statement, request.values)
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

    /// Takes records out of the flow.
    func parking(
        _ parkings: [LaneWork.Parking],
        of survey: KafkaSurvey,
        _ session: LaneSession
    ) -> PostgresRequest {
        // Order: by their place, so that the ids rise in the order of each key.
        let parkings = parkings.sorted { $0.row < $1.row }
        let rows = parkings.map(\.row)
        return PostgresRequest(
            statements.parked.park,
            [
                encode(rows, of: survey, session), .textArray(parkings.map(\.state.rawValue)),
                .boolArray(parkings.map(\.holds)), .textArray(parkings.map(\.reason)),
                .int4Array(parkings.map(\.attempts)),
                .int8Array(rows.map { survey.hashes[Int($0)] }),
                .int8Array(parkings.map(\.wait.milliseconds)),
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

    /// The refused ones, to be tried again, and those that wait behind them.
    fileprivate func parkings(
        _ definition: InboxDefinition,
        _ random: inout some RandomNumberGenerator
    ) -> [LaneWork.Parking] {
        let policy = definition.retry
        var parkings = held.map { LaneWork.Parking(row: $0, state: .held, holds: true) }
        for refused in refused {
            parkings.append(
                LaneWork.Parking(
                    row: refused.row,
                    state: policy.maxAttempts > 1 ? .retrying : .dead,
                    holds: holds,
                    reason: refused.error.description,
                    attempts: 1,
                    wait: policy.delay(afterAttempt: 1, using: &random)
                )
            )
        }
        return parkings
    }
}
