import Kafka
import Messaging
import Postgres
import Threads

/// A lane's session with the database, and what the lane learned when it connected.
struct LaneSession {
    let session: PostgresSession
    let types: MessageTypeIDs
    /// Since when ids are known; nil: since ever.
    let knownSince: PostgresTimestamp?
    private let databaseTime: PostgresTimestamp
    private let connectedAt: MonotonicTime

    init(_ runtime: InboxRuntime, _ statements: InboxStatements) throws {
        let settings = InboxStatements.sessionSettings(
            statementTimeout: runtime.definition.statementTimeout
        )
        session = try PostgresSession(connectingTo: runtime.database, within: .seconds(5))
        session.requestTimeout = runtime.definition.statementTimeout + .seconds(30)
        try session.run(settings)
        let name = try "\(quotedIdentifier(runtime.schema)).message"
        connectedAt = .now
        let rows = try session.query(
            statements.beginSession,
            [.text(name), .text(runtime.definition.name)]
        )
        guard let type = rows.int64OrNil(0, 0) else {
            throw InboxError.notMigrated(schema: runtime.schema)
        }
        types = MessageTypeIDs(message: UInt32(truncatingIfNeeded: type))
        databaseTime = rows.timestamp(0, 1)
        knownSince = rows.timestampOrNil(0, 2)
    }

    /// The time by the database's clock, reckoned from when it was asked.
    var now: PostgresTimestamp {
        let passed = (MonotonicTime.now - connectedAt) / .microseconds(1)
        return PostgresTimestamp(
            microsecondsSince1970: databaseTime.microsecondsSince1970 + Int64(passed)
        )
    }
}
