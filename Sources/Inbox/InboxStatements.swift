import Messaging
import Postgres

/// The statements of one inbox: the files of `SQL/`, and what its handler is called with.
struct InboxStatements {
    let positions: PositionStatements
    let applying: ApplyStatements
    let parked: ParkedStatements
    /// Learns the type's number, the database's time, and since when ids are known.
    let beginSession: PostgresStatement

    init(_ definition: InboxDefinition, schema: String) throws(PostgresError) {
        let files = SQLFiles(schema: try quotedIdentifier(schema))
        positions = PositionStatements(files)
        parked = ParkedStatements(files)
        applying = try ApplyStatements(definition.apply, files)
        beginSession = files.statement("begin_session", [.text, .text])
    }

    /// What the session of a lane needs.
    ///
    /// The planner's own settings are left to the handler. Order: a lock that somebody else holds is
    /// no fault of the message, and must be told before the time of the statement is over.
    static func sessionSettings(statementTimeout: Duration) -> String {
        let limit = max(statementTimeout.milliseconds, 2)
        return """
            SET jit = off; SET idle_in_transaction_session_timeout = '10s';
            SET default_transaction_isolation = 'read committed';
            SET statement_timeout = \(limit); SET lock_timeout = \(min(limit / 2, 20_000))
            """
    }
}

/// The files of `SQL/` with the name of the schema put in.
struct SQLFiles {
    /// Quoted.
    let schema: String

    /// What an inbox and a lane, and partitions, are named by.
    static let lane: [PostgresType] = [.text, .int4, .int4]
    static let places: [PostgresType] = [.textArray, .int4Array]

    func text(_ name: String) -> String {
        sqlText(name).replacing("{{schema}}", with: schema)
    }

    func statement(_ name: String, _ types: [PostgresType]) -> PostgresStatement {
        PostgresStatement(name: name, sql: text(name), parameters: types)
    }
}

/// Where the lanes stand, and what they have begun.
struct PositionStatements {
    let advance, lock, take, free, make, read, forget, readLag: PostgresStatement
    let beginAttempt, endAttempt: PostgresStatement
    let noteWindow: PostgresStatement
    let tendDays: String

    var prepared: [PostgresStatement] {
        [
            advance, lock, take, free, make, read, forget, readLag, beginAttempt, endAttempt,
            noteWindow,
        ]
    }

    init(_ files: SQLFiles) {
        let lane = SQLFiles.lane + SQLFiles.places
        advance = files.statement(
            "advance",
            lane + [.int8Array, .int8Array, .int8Array, .timestamptzArray, .int8Array]
        )
        lock = files.statement("lock_positions", [.text] + SQLFiles.places)
        take = files.statement("take_positions", [.text] + SQLFiles.places)
        free = files.statement("free_positions", [.text] + SQLFiles.places)
        make = files.statement(
            "make_positions",
            [.text, .int4] + SQLFiles.places + [.int8Array, .int8Array, .int8Array]
        )
        read = files.statement("read_positions", lane)
        forget = files.statement("forget_positions", [.text, .int4, .text, .int4])
        readLag = files.statement("read_lag", [.text])
        beginAttempt = files.statement("begin_attempt", lane + [.int8Array, .bool])
        endAttempt = files.statement("end_attempt", lane)
        tendDays = "SELECT \(files.schema).tend_inbox_days(2)"
        noteWindow = files.statement("note_window", [.text, .int4, .bool])
    }
}

/// What is done with a batch.
struct ApplyStatements {
    /// Notes ids, and says which are new.
    let noteIDs: PostgresStatement
    /// Calls the handler with messages, or with a parked one.
    let messages, parked: PostgresStatement
    /// Says whether the handler could be called at all, without calling it.
    let rehearsal: String

    init(_ rule: ApplyRule, _ files: SQLFiles) throws(PostgresError) {
        let handler = try HandlerCall(rule, schema: files.schema)
        let given = "$1::\(files.schema).message[]"
        rehearsal = "EXPLAIN " + handler.sql(of: "'{}'::\(files.schema).message[]")
        messages = PostgresStatement(
            name: "apply_messages",
            sql: handler.sql(of: given),
            parameters: [.inferred]
        )
        parked = PostgresStatement(
            name: "apply_parked",
            sql: handler.sql(of: "ARRAY(\n\(files.text("apply_parked")))"),
            parameters: [.int8]
        )
        noteIDs = files.statement(
            "note_ids",
            [.text, .inferred, .inferred, .timestamptz, .timestamptz, .bool]
        )
    }
}

/// Messages outside the flow.
struct ParkedStatements {
    let park, listBlocked, freeHeld, takeDue, beginRetry, endRetry, giveUp, putBack,
        count: PostgresStatement

    var prepared: [PostgresStatement] {
        [
            park, listBlocked, freeHeld, takeDue, beginRetry, endRetry, giveUp, putBack, count,
        ]
    }

    init(_ files: SQLFiles) {
        park = files.statement(
            "park",
            [
                .inferred, .textArray, .boolArray, .textArray, .int4Array, .int8Array, .int8Array,
            ]
        )
        listBlocked = files.statement("list_blocked", SQLFiles.lane)
        freeHeld = files.statement("free_held", SQLFiles.lane)
        takeDue = files.statement("take_due", SQLFiles.lane + SQLFiles.places + [.int8])
        beginRetry = files.statement("begin_retry", [.int8, .int8])
        endRetry = files.statement("end_retry", [.text, .int8, .int8])
        giveUp = files.statement("give_up", [.int8, .text, .bool, .int4])
        putBack = files.statement("put_back", [.int8, .int4])
        count = files.statement("count_parked", [.text])
    }
}
