import Kafka
import Messaging
import Postgres
import Telemetry
import Threads

/// Applies the batches of one lane: each in one transaction, with the lane's position.
///
/// Crash: a batch that was not committed is read from Kafka again, for the position has not moved.
final class LaneApplier {
    let runtime: InboxRuntime
    let link: InboxLink
    let lane: Int
    let statements: InboxStatements

    private var connected: LaneSession?
    /// Hashes of the keys that wait behind a parked message.
    var blocked: Set<Int64> = []
    /// The assignments that `blocked` was read for.
    private var seenAssignments = -1
    /// What of a batch was ours when it was last tried.
    private var tried: [PositionMove] = []
    /// The most records of one transaction, as long as the handler is in time.
    private var limit: Int
    /// What was begun and is not finished.
    var attempts = AttemptLedger()
    var nextTending = MonotonicTime.now
    var nextReload = MonotonicTime.now
    var random = SystemRandomNumberGenerator()

    init(_ runtime: InboxRuntime, link: InboxLink, lane: Int) throws {
        self.runtime = runtime
        self.link = link
        self.lane = lane
        limit = runtime.definition.batch
        statements = try InboxStatements(runtime.definition, schema: runtime.schema)
    }

    /// Applies a batch, however often that must be tried; lets it go when nobody wants it any more.
    func apply(_ batch: LaneBatch) {
        for part in batch.parts(of: limit) { applyPart(part) }
    }

    private func applyPart(_ part: LaneBatch) {
        var wait = Duration.milliseconds(20)
        while true {
            do {
                return try applyOnce(part)
            } catch is HandlerTooSlow {
                limit = max(part.rows.count / 2, 1)
                return apply(part)
            } catch {
                guard shouldRepeat(after: error, tried: tried) else { return }
                pause(wait)
                wait = min(wait * 2, .seconds(1))
            }
        }
    }

    private func applyOnce(_ batch: LaneBatch) throws {
        let session = try connection()
        guard let work = try work(of: batch, session) else { return }
        do {
            if try isSuspect(work, session) || runtime.definition.onFailure == .stop {
                return try applyOneByOne(batch, session)
            }
            try carryOut(work, session)
        } catch {
            // Only a crash leaves the attempt standing.
            if session.session.isAlive { try forgive(work, session) }
            throw error
        }
    }

    /// What of the batch is still to be done; nil when nothing is.
    ///
    /// Order: a lane that has let records go passes over none of them.
    func work(of batch: LaneBatch, _ session: LaneSession) throws -> LaneWork? {
        try reloadBlockedIfAssigned(session)
        let fates = RecordFates(
            runtime.definition.dedup,
            now: session.now,
            knownSince: session.knownSince,
            blocked: blocked
        )
        let standing = link.standing(lane, batch.moves)
        guard !batch.leavesGap(after: standing) else {
            if !link.isStopping { link.fail(.gap) }
            return nil
        }
        let work = LaneWork(batch, standing: standing, fates, holds: runtime.holds)
        tried = work?.moves ?? []
        return work
    }

    /// Applies all of it together, or, if the handler refuses that, finds out what it refuses.
    func carryOut(_ work: LaneWork, _ session: LaneSession) throws {
        let outcome: ApplyOutcome
        let begin = MonotonicTime.now
        do {
            outcome = try applyTogether(work, session)
        } catch let error as PostgresError where error.isRefusal {
            if error.isTimeout, work.rows.count > 1 { throw HandlerTooSlow() }
            try requireHandler(session)
            outcome = try isolate(work, session)
        }
        if MonotonicTime.now - begin < runtime.definition.statementTimeout / 4 {
            limit = min(limit * 2, runtime.definition.batch)
        }
        note(outcome, of: work)
    }

    /// The work is committed.
    func note(_ outcome: ApplyOutcome, of work: LaneWork) {
        attempts.end(work)
        link.advance(lane, work.moves)
        blocked.formUnion(work.blocked)
        link.count(
            applied: outcome.applied,
            duplicates: outcome.repeated + work.repeated,
            late: work.late
        )
        link.clearTrouble(of: lane)
    }

    /// One transaction: the position moves, ids are noted, and what is new is applied or parked.
    func applyTogether(_ work: LaneWork, _ session: LaneSession) throws -> ApplyOutcome {
        let advance = PostgresRequest(statements.positions.advance, lanePlace + Self.values(work))
        guard let survey = work.survey, let noting = noting(work, survey) else {
            try session.session.runTogether([advance] + rest(of: work, .all, session))
            return ApplyOutcome(applied: work.rows.count, repeated: 0)
        }
        var fresh = FreshRows.all
        try session.session.runTogether(
            [advance, noting],
            { place, rows in if place == 1 { fresh = FreshRows(rows) } },
            preparing: [statements.applying.messages, statements.parked.park],
            then: { self.rest(of: work, fresh, session) }
        )
        let repeated = fresh.repeated(among: work.recognised.count)
        return ApplyOutcome(applied: fresh.rows(of: work).count, repeated: repeated)
    }

    /// Nil when nothing of it is to be recognised.
    func noting(_ work: LaneWork, _ survey: KafkaSurvey) -> PostgresRequest? {
        let rows = work.recognised
        guard runtime.definition.dedup.mode == .id, !rows.isEmpty else { return nil }
        return PostgresRequest(
            statements.applying.noteIDs,
            [
                .text(runtime.definition.name), .encoded(survey.encodeIDs(rows: rows)),
                .encoded(survey.encodeTimes(rows: rows)), .timestamptz(work.since),
                .timestamptz(work.until),
                .bool(rows.contains { !survey.hasOwnTime(at: Int($0)) }),
            ]
        )
    }

    /// What is done with those that are new.
    private func rest(
        of work: LaneWork,
        _ fresh: FreshRows,
        _ session: LaneSession
    ) -> [PostgresRequest] {
        guard let survey = work.survey else { return [] }
        let rows = fresh.rows(of: work)
        let parkings = work.parked + fresh.held(of: work)
        var requests: [PostgresRequest] = []
        if !parkings.isEmpty { requests.append(parking(parkings, of: survey, session)) }
        if !rows.isEmpty {
            let messages = encode(rows, of: survey, session)
            requests.append(PostgresRequest(statements.applying.messages, [messages]))
        }
        return requests
    }

    func encode(_ rows: [Int32], of survey: KafkaSurvey, _ session: LaneSession) -> PostgresValue {
        .encoded(
            survey.encode(
                rows: rows,
                inbox: runtime.definition.name,
                types: session.types,
                attempt: 1
            )
        )
    }

    // MARK: Statements' values

    /// The inbox and the lane.
    var lanePlace: [PostgresValue] {
        [.text(runtime.definition.name), .int4(Int32(link.lanes)), .int4(Int32(lane))]
    }

    static func values(_ work: LaneWork) -> [PostgresValue] {
        places(work.moves) + [
            .int8Array(work.moves.map(\.generation)), .int8Array(work.old),
            .int8Array(work.moves.map(\.next)), .timestamptzArray(work.moves.map(\.eventTime)),
            .optionalInt8Array(work.moves.map(\.recordTime)),
        ]
    }

    static func places(_ moves: [PositionMove]) -> [PostgresValue] {
        [
            .textArray(moves.map(\.partition.topic)),
            .int4Array(moves.map(\.partition.partition)),
        ]
    }

    // MARK: The session

    var isConnected: Bool { connected?.session.isAlive ?? false }

    func connection() throws -> LaneSession {
        if let connected, connected.session.isAlive { return connected }
        let session = try LaneSession(runtime, statements)
        if connected != nil {
            // Order: before anything is applied. A batch that was committed unknown to us may have
            // parked messages, whose followers must wait.
            try readStanding(session)
            try reloadBlocked(session)
        }
        connected = session
        return session
    }

    /// After a loss nobody here knows what was committed: the database says.
    private func readStanding(_ session: LaneSession) throws {
        let assigned = link.assigned
        let partitions = Array(assigned.keys)
        let rows = try session.session.query(
            statements.positions.read,
            lanePlace + [
                .textArray(partitions.map(\.topic)), .int4Array(partitions.map(\.partition)),
            ]
        )
        for row in 0..<rows.count {
            let partition = KafkaPartition(
                topic: rows.text(row, 0),
                partition: Int32(rows.int(row, 1))
            )
            guard assigned[partition]?.generation == rows.int64(row, 2) else {
                throw InboxError.fenced
            }
            link.stand(lane, partition, at: rows.int64(row, 3))
        }
    }

    /// What came with a partition may be free to go on, though no batch comes.
    func reloadBlockedIfAssigned(_ session: LaneSession) throws {
        let assignments = link.assignments
        guard assignments != seenAssignments else { return }
        try reloadBlocked(session)
        seenAssignments = assignments
    }

    func reloadBlocked(_ session: LaneSession) throws {
        _ = try session.session.query(statements.parked.freeHeld, lanePlace)
        let rows = try session.session.query(statements.parked.listBlocked, lanePlace)
        blocked = Set((0..<rows.count).map { rows.int64($0, 0) })
    }
}
