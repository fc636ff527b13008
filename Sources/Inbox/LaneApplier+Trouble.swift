import Kafka
import Messaging
import Postgres
import Telemetry
import Threads

/// What a lane does when it cannot come forward.
extension LaneApplier {
    /// Whether the batch, or what of it is still ours, is tried again; `tried` are its moves that were.
    ///
    /// It is not when the reader begins anew, or time is over.
    func shouldRepeat(after error: any Error, tried: [PositionMove]) -> Bool {
        if !isFence(error) {
            report(error)
        } else if link.isStopping {
            // Nobody hears any more how the group is divided.
            link.fail(.fenced)
        } else {
            link.noteFence(tried)
        }
        return link.failure == nil && !isTimeOver(for: error)
    }

    private func isFence(_ error: any Error) -> Bool {
        if case .fenced = error as? InboxError { return true }
        return (error as? PostgresError)?.isFenced ?? false
    }

    private func report(_ error: any Error) {
        let isLost = (error as? PostgresError)?.isConnectionLoss ?? false
        let reason = (error as? PostgresError)?.publicReason ?? "\(error)"
        if let refusal = error as? LaneStopped {
            link.noteStopped(lane, because: refusal.reason)
        } else {
            link.note(trouble: reason, of: lane)
        }
        runtime.log.warning(
            isLost ? "lost the database" : "the batch is tried again",
            ["lane": lane, "error": reason]
        )
    }

    /// A stop waits for work that comes forward, not for a database that has gone.
    private func isTimeOver(for error: any Error) -> Bool {
        guard let deadline = link.stopDeadline else { return false }
        return deadline < .now || (error as? PostgresError)?.isConnectionLoss ?? true
    }

    func pause(_ time: Duration) {
        _ = link.state.wait(timeout: time) { state -> Bool? in
            state.failure != nil || state.stopDeadline.map { $0 < .now } ?? false ? true : nil
        }
    }

    // MARK: Suspects

    /// Notes that the work begins.
    ///
    /// True when it has ended with a crash twice, so that one of its messages may be to blame.
    func isSuspect(_ work: LaneWork, _ session: LaneSession) throws -> Bool {
        guard !work.rows.isEmpty else { return false }
        return try begin(work, isAlone: false, session).contains { $0.isAlone || $0.tries > 2 }
    }

    /// Applies each record in a transaction of its own: whoever ends the session or the daemon is
    /// known then, and the others come through.
    func applyOneByOne(_ batch: LaneBatch, _ session: LaneSession) throws {
        for single in batch.singles() {
            guard link.failure == nil, let work = try work(of: single, session) else { continue }
            try applyAlone(work, session)
        }
    }

    private func applyAlone(_ work: LaneWork, _ session: LaneSession) throws {
        guard let row = work.rows.first else { return try carryOut(work, session) }
        if try crashes(work, session) > 2 {
            return try carryOut(
                work.parking(
                    row,
                    because: "its handler ended the session or the daemon, twice",
                    holds: runtime.holds
                ),
                session
            )
        }
        guard runtime.definition.onFailure == .stop else { return try carryOut(work, session) }
        try carryOutOrStop(work, session)
    }

    /// How often it was begun, with this time.
    private func crashes(_ work: LaneWork, _ session: LaneSession) throws -> Int {
        try begin(work, isAlone: true, session).map(\.tries).max() ?? 0
    }

    /// What the database knows of it outlives the daemon, and what is known here a crash of the
    /// database.
    private func begin(
        _ work: LaneWork,
        isAlone: Bool,
        _ session: LaneSession
    ) throws -> [AttemptLedger.Attempt] {
        let rows = try session.session.query(
            statements.positions.beginAttempt,
            lanePlace + Self.places(work.moves) + [.int8Array(work.old), .bool(isAlone)]
        )
        let noted = (0..<rows.count).map {
            AttemptLedger.Attempt(tries: rows.int($0, 0), isAlone: rows.bool($0, 1))
        }
        return noted + attempts.begin(work, isAlone: isAlone)
    }

    /// An attempt that ended with an error, but without a crash, is forgiven.
    func forgive(_ work: LaneWork, _ session: LaneSession) throws {
        attempts.end(work)
        _ = try session.session.query(
            statements.positions.endAttempt,
            lanePlace + Self.places(work.moves)
        )
    }

    /// With the policy `stop` the lane waits at a refused message.
    private func carryOutOrStop(_ work: LaneWork, _ session: LaneSession) throws {
        do {
            note(try applyTogether(work, session), of: work)
        } catch let error as PostgresError where error.isRefusal {
            try forgive(work, session)
            try requireHandler(session)
            throw LaneStopped(reason: error.publicReason)
        }
    }

    /// Fails when the handler refuses because it has gone, or must not be called: then no message is
    /// to blame, and the same is tried again.
    func requireHandler(_ session: LaneSession) throws {
        do throws(PostgresError) {
            try session.session.run(statements.applying.rehearsal)
        } catch {
            guard error.isRefusal else { throw error }
            throw InboxError.noHandler(reason: "\(error)")
        }
    }
}

/// The handler did not get through with all of these messages in the time it has.
struct HandlerTooSlow: Error {}

/// A refused message stops the lane.
struct LaneStopped: Error, CustomStringConvertible {
    let reason: String

    var description: String { "the lane waits at a message: \(reason)" }
}

extension LaneWork {
    /// The same, but a record is taken out of the flow instead of being applied.
    func parking(_ row: Int32, because reason: String, holds: Bool) -> LaneWork {
        var changed = self
        if let survey, holds { changed.block(survey.hashes[Int(row)]) }
        changed.rows.removeAll { $0 == row }
        changed.held.append(Parking(row: row, state: .dead, holds: holds, reason: reason))
        return changed
    }
}

extension PostgresError {
    /// The position belongs to another reader.
    var isFenced: Bool { sqlState?.code == "PBX01" }

    /// The handler, or a constraint, refused what it was given: trying the same again is no use.
    var isRefusal: Bool {
        guard case .rejected(let rejection) = self else { return false }
        return !isTransient && !isFenced && !isConnectionLoss
            && !Self.isMissingDay(rejection)
    }

    /// The time of a statement was over.
    var isTimeout: Bool { sqlState?.code == "57014" }

    /// What may stand in a log: the words of a handler's refusal may hold parts of a message.
    var publicReason: String {
        guard case .rejected(let rejection) = self, let sqlState,
            isRefusal || rejection.statement.hasPrefix("apply_")
        else { return description }
        return "the handler refused a message with SQLSTATE \(sqlState)"
    }

    /// A day's partition of the inbox table has gone or is not there yet.
    ///
    /// It is the statement that notes ids which says so: a handler's tables are its own affair.
    private static func isMissingDay(_ rejection: PostgresRejection) -> Bool {
        rejection.sqlState.code == "23514" && rejection.constraint == nil
            && rejection.statement == "note_ids"
    }
}
