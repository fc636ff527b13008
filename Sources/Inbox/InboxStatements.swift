import Messaging
import Postgres

/// The statements of one inbox: the files of `SQL/`, and what its handler is called with.
struct InboxStatements {
    let advance, beginAttempt, endAttempt: PostgresStatement
    let takePositions, makePositions, readPositions, forgetPositions: PostgresStatement
    let applyNew, applyAgain, fresh, park: PostgresStatement
    let listBlocked, takeDue, beginRetry, applyParked, endRetry, giveUp, putBack: PostgresStatement
    let countParked, beginSession, readLag: PostgresStatement
    let tendDays, noteWindow: String

    init(_ definition: InboxDefinition, schema: String) throws(PostgresError) {
        let quoted = try quotedIdentifier(schema)
        func statement(_ name: String, _ types: [PostgresType] = []) -> PostgresStatement {
            PostgresStatement(
                name: name,
                sql: sqlText(name).replacing("{{schema}}", with: quoted),
                parameters: types
            )
        }
        let lane: [PostgresType] = [.text, .int4, .int4]
        let places: [PostgresType] = [.textArray, .int4Array]
        advance = statement(
            "advance",
            lane + places + [.int8Array, .int8Array, .int8Array, .timestamptzArray]
        )
        beginAttempt = statement("begin_attempt", lane + places + [.int8Array, .bool])
        endAttempt = statement("end_attempt", lane + places)
        takePositions = statement("take_positions", [.text] + places)
        makePositions = statement(
            "make_positions",
            [.text, .int4] + places + [.int8Array, .int8Array]
        )
        readPositions = statement("read_positions", lane + places)
        forgetPositions = statement("forget_positions", [.text, .int4, .text, .int4])
        fresh = statement("fresh", [.inferred, .timestamptz, .bool])
        park = statement(
            "park",
            [
                .inferred, .textArray, .boolArray, .textArray, .int4Array, .int8Array, .int8Array,
                .bool, .timestamptz, .bool,
            ]
        )
        listBlocked = statement("list_blocked", lane)
        takeDue = statement("take_due", lane + places + [.int8])
        beginRetry = statement("begin_retry", [.int8, .int8])
        endRetry = statement("end_retry", [.text, .int8, .int8])
        giveUp = statement("give_up", [.int8, .text, .bool])
        putBack = statement("put_back", [.int8])
        readLag = statement("read_lag", [.text])
        countParked = statement("count_parked", [.text])
        beginSession = statement("begin_session", [.text])
        tendDays = "SELECT \(quoted).tend_inbox_days(2)"
        noteWindow =
            "INSERT INTO \(quoted).inbox_window (inbox, days) VALUES ($1, $2) "
            + "ON CONFLICT (inbox) DO UPDATE SET days = excluded.days "
            + "WHERE inbox_window.days <> excluded.days"
        let handler = try HandlerCall(definition.apply, schema: quoted)
        let given = "$1::\(quoted).message[]"
        applyNew = PostgresStatement(
            name: "apply_new",
            sql: handler.sql(of: "\(quoted).fresh(\(given), $2, $3)"),
            parameters: [.inferred, .timestamptz, .bool]
        )
        applyAgain = PostgresStatement(
            name: "apply_again",
            sql: handler.sql(of: given),
            parameters: [.inferred]
        )
        let parked = sqlText("apply_parked").replacing("{{schema}}", with: quoted)
        applyParked = PostgresStatement(
            name: "apply_parked",
            sql: handler.sql(of: "ARRAY(\n\(parked))"),
            parameters: [.int8]
        )
    }

    /// What the session of a lane needs.
    ///
    /// The planner's own settings are left to the handler.
    static func sessionSettings(statementTimeout: Duration) -> String {
        """
        SET jit = off; SET idle_in_transaction_session_timeout = '10s'; SET lock_timeout = '20s';
        SET statement_timeout = \(max(statementTimeout.milliseconds, 1))
        """
    }
}

/// How the handler is called with an array of messages.
struct HandlerCall {
    private let rule: ApplyRule
    private let schema: String

    init(_ rule: ApplyRule, schema: String) throws(PostgresError) {
        self.rule = rule
        self.schema = schema
        function =
            switch rule {
            case .function(let name), .batchFunction(let name):
                try quotedIdentifier(name.schema) + "." + quotedIdentifier(name.name)
            case .store: ""
            }
    }

    private let function: String

    /// A statement that gives one row, with how many messages were applied, first.
    func sql(of messages: String) -> String {
        switch rule {
        case .function:
            """
            SELECT count(*) FROM (
                SELECT \(chain), \(function)(m) IS NULL AS done FROM unnest(\(messages)) AS m OFFSET 0
            ) AS applied WHERE chain IS NOT NULL AND done IS NOT NULL
            """
        case .batchFunction:
            """
            SELECT cardinality(given.messages)::int8,
                CASE WHEN cardinality(given.messages) > 0
                    THEN \(function)(given.messages) IS NULL END
            FROM (SELECT \(messages) AS messages OFFSET 0) AS given
            """
        case .store:
            sqlText("store").replacing("{{schema}}", with: schema)
                .replacing("{{messages}}", with: messages)
        }
    }

    /// What a row that the handler writes into an outbox says of its cause.
    private var chain: String {
        """
        (set_config('postbox.causation_id', coalesce(m.message_id, ''), true)
            || set_config('postbox.correlation_id',
                coalesce(m.headers->>'correlation-id', m.message_id, ''), true)
            || set_config('postbox.traceparent', coalesce(m.headers->>'traceparent', ''), true)
        ) AS chain
        """
    }
}
