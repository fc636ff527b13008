import Messaging
import Postgres
import Telemetry
import Threads

/// What a keeper does beside the leases, and never at their expense.
extension LeaseKeeper {
    /// So many parked messages of a state are counted at most.
    private static let parkedLimit: Int64 = 100_000
    /// What waits is counted exactly as long as there are no more rows.
    private static let backlogLimit: Int64 = 10_000

    /// Counts backlog and dead letters while somebody looks: for who comes to look at once, then again
    /// and again.
    func count(_ connection: (session: PostgresSession, statements: OutboxStatements)) throws {
        guard links.contains(where: \.isWatched) else { return nextCount = .now }
        guard nextCount <= .now else { return }
        let start = MonotonicTime.now
        defer { nextCount = .now + Self.pause(afterCounting: .now - start) }
        do {
            let parked = try parkedCounts(connection)
            for link in links {
                try renewAll(connection)
                try count(link, parked, connection)
            }
        } catch {
            guard connection.session.isAlive else { throw error }
            runtime.log.warning("what waits could not be counted", ["error": "\(error)"])
        }
    }

    /// How long the figures of a count, or of one that failed, are good enough.
    ///
    /// What takes long is counted less often, but not so rarely that figures grow old: how many rows
    /// a count reads is limited, and a long one tells more of a slow moment than of a large table.
    static func pause(afterCounting time: Duration) -> Duration {
        min(max(.seconds(1), time * 20), .seconds(5))
    }

    private func count(
        _ link: LaneLink,
        _ parked: ParkedCounts,
        _ connection: (session: PostgresSession, statements: OutboxStatements)
    ) throws {
        let askedAt = MonotonicTime.now
        let rows = try connection.session.query(
            connection.statements.countBacklog,
            [.int8(link.position), .int4(Int32(link.lane))]
        )
        let counted = rows.int64(0, 0)
        let isEstimate = rows.int64(0, 1) >= Self.backlogLimit
        let distance = rows.int64OrNil(0, 2).map { $0 - max(link.position, 0) } ?? 0
        let age = rows.doubleOrNil(0, 3)
        link.noteCounted(at: askedAt) { status in
            status.backlogIsEstimate = isEstimate
            status.backlog = isEstimate ? max(distance / Int64(links.count), counted) : counted
            status.oldestAgeSeconds = age
            status.deadLetters = parked.count("dead", lane: link.lane)
            status.held = parked.count("held", lane: link.lane)
            status.retrying = parked.count("retrying", lane: link.lane)
        }
    }

    /// The parked messages by state and lane.
    private struct ParkedCounts {
        let counts: [String: [Int64: Int64]]

        func count(_ state: String, lane: Int) -> Int64 { counts[state]?[Int64(lane)] ?? 0 }
    }

    private func parkedCounts(
        _ connection: (session: PostgresSession, statements: OutboxStatements)
    ) throws -> ParkedCounts {
        try connection.session.transaction { transaction in
            // A table that is full of messages is not to be read for the few of a state.
            try transaction.run("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
            let rows = try transaction.query(
                connection.statements.countParked,
                [.text(runtime.definition.name), .int8(Self.parkedLimit)]
            )
            var counts: [String: [Int64: Int64]] = [:]
            for row in 0..<rows.count {
                counts[rows.text(row, 0), default: [:]][rows.int64(row, 1)] = rows.int64(row, 2)
            }
            return ParkedCounts(counts: counts)
        }
    }

    /// Makes the archive's days ahead, and drops those past their time, once an hour.
    func tendArchive(_ session: PostgresSession) throws {
        guard case .archive(let retain) = runtime.definition.settle, nextTending <= .now else {
            return
        }
        let days = max(1, retain.components.seconds / 86_400)
        do {
            try session.run("SELECT \(quotedIdentifier(runtime.schema)).tend_archive(\(days))")
            nextTending = .now + .seconds(3600)
        } catch {
            nextTending = .now + .seconds(60)
            guard session.isAlive else { throw error }
            runtime.log.warning("the archive's days could not be tended", ["error": "\(error)"])
        }
    }
}
