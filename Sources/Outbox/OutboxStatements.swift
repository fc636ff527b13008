import Messaging
import Postgres

/// The statements of one outbox: the files of `SQL/`, with the names of its table put in.
struct OutboxStatements {
    let readAhead, readGaps: PostgresStatement
    let readDue: PostgresStatement?
    let settleRun, settleIDs, settleArchive, park: PostgresStatement
    let takeParked, settleParked, archiveParked, deferParked, freeHeld: PostgresStatement
    let countBacklog, countParked: PostgresStatement
    let intake: PostgresStatement?
    let state: StateStatements

    /// `source` is the table without an order that `table` numbers, if it does.
    init(
        _ table: OutboxTable,
        from source: OutboxTable? = nil,
        schema: String
    ) throws(PostgresError) {
        let names = try Names(table, source, schema: schema)
        let settled: [PostgresType] = [.text, .int4, .int8]
        let parked: [PostgresType] = [.int8Array, .textArray, .textArray, .int4Array, .int8Array]
        readAhead = names.statement("read_ahead", [.int8, .int8, .int8])
        readGaps = names.statement(
            "read_gaps",
            [.int8, .int8, .int8, .int8Array, .int8Array, .int8Array]
        )
        readDue =
            table.definition.columns.availableAt == nil
            ? nil : names.statement("read_due", [.int8, .int8, .int8, .int8Array])
        settleRun = names.statement("settle_run", settled + [.int8, .int8])
        settleIDs = names.statement("settle_ids", settled + [.int8Array])
        settleArchive = names.statement(
            "settle_archive",
            settled + [.int8Array, .int4Array, .int8Array]
        )
        park = names.statement("park", settled + parked)
        takeParked = names.statement("take_parked", [.text, .int8, .int8, .bool, .int8])
        settleParked = names.statement("settle_parked", settled + [.int8Array, .textArray])
        archiveParked = names.statement(
            "archive_parked",
            [.text, .int8Array, .int4Array, .int8Array]
        )
        deferParked = names.statement("defer_parked", settled + parked + [.bool])
        freeHeld = names.statement("free_held", settled + [.int8, .int8])
        countBacklog = names.statement("count_backlog", [.int8, .int4])
        countParked = names.statement("count_parked", [.text, .int8])
        intake = source == nil ? nil : names.statement("intake", settled + [.int8, .text])
        state = try StateStatements(schema: schema)
    }

    /// Those that run in the pipeline, and must be prepared before it begins.
    func pipelined(archives: Bool) -> [PostgresStatement] {
        let settling = archives ? [settleArchive] : [settleRun, settleIDs]
        return [readAhead, readGaps, park] + settling + [readDue, intake].compactMap(\.self)
    }

    /// What depends on the types of the table's columns.
    var texts: [String] { [readAhead, park, intake].compactMap { $0?.sql } }

    static let describeTable = PostgresStatement(
        name: "describe_table",
        sql: sqlText("describe_table"),
        parameters: [.text, .text]
    )

    /// What the session of a reader needs so that a plan never depends on statistics.
    ///
    /// A table that was empty when it was analysed and then received a million rows is the normal
    /// backlog. And each statement sees what is there when it begins, whatever the role's settings are.
    static let readerSettings = """
        SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off;
        SET enable_hashjoin = off; SET enable_mergejoin = off;
        SET plan_cache_mode = force_generic_plan; SET jit = off; SET search_path = pg_catalog;
        SET statement_timeout = '60s'; SET lock_timeout = '10s';
        SET idle_in_transaction_session_timeout = '10s';
        SET default_transaction_isolation = 'read committed'
        """
}

/// The statements on Postbox's own tables, for which the outbox's table does not matter.
struct StateStatements {
    let lockLanes, acquireLane, renewLane, releaseLane, findOwner: PostgresStatement
    let listBlockedKeys, listFreeKeys, listWriters: PostgresStatement
    let listParked, showParked, retryParked, discardParked: PostgresStatement

    init(schema: String) throws(PostgresError) {
        let quoted = try quotedIdentifier(schema)
        func statement(_ name: String, _ types: [PostgresType]) -> PostgresStatement {
            PostgresStatement(
                name: name,
                sql: sqlText(name).replacing("{{schema}}", with: quoted),
                parameters: types
            )
        }
        let selected: [PostgresType] = [.text, .int8Array, .text]
        lockLanes = statement("lock_lanes", [.text])
        acquireLane = statement("acquire_lane", [.text, .int4, .int4, .text, .int8])
        renewLane = statement("renew_lane", [.text, .int4, .int8, .int8])
        releaseLane = statement("release_lane", [.text, .int4, .int8])
        findOwner = statement("find_owner", [.text, .int4])
        listBlockedKeys = statement("list_blocked_keys", [.text, .int8])
        listFreeKeys = statement("list_free_keys", [.text, .textArray])
        listWriters = statement("list_writers", [.text])
        listParked = statement("list_parked", selected + [.textArray, .int8])
        showParked = statement("show_parked", [.text, .int8, .int4])
        retryParked = statement("retry_parked", selected + [.int8])
        discardParked = statement("discard_parked", selected + [.int8])
    }
}

/// What stands for a placeholder in the files.
private struct Names {
    let values: [(String, String)]

    init(_ table: OutboxTable, _ source: OutboxTable?, schema: String) throws(PostgresError) {
        let definition = table.definition
        let columns = definition.columns
        let id = try quotedIdentifier(columns.id)
        let key = try columns.key.map { (name) throws(PostgresError) in try quotedIdentifier(name) }
        let age = try columns.createdAt.map { (name) throws(PostgresError) in
            "extract(epoch FROM clock_timestamp() - o.\(try quotedIdentifier(name)))::float8"
        }
        let due = try columns.availableAt.map { (name) throws(PostgresError) in
            let time = "o.\(try quotedIdentifier(name))"
            return "AND (\(time) IS NULL OR \(time) <= now())"
        }
        let payload = (source ?? table).definition.columns.payload
        let home = try source.map { (source) throws(PostgresError) in
            try quotedName(source.definition.table)
        }
        let unnumbered = home.map {
            """
             + CASE WHEN $2 = 0 THEN (SELECT count(*) FROM (SELECT FROM \($0) LIMIT 10000) AS s) \
            ELSE 0 END
            """
        }
        let number = Self.laneNumber(definition, key: key.map { "o.\($0)" }, id: "o.\(id)")
        let parkedNumber = Self.laneNumber(definition, key: "p.key", id: "p.id")
        values = [
            ("{{source}}", home ?? ""),
            ("{{source_payload}}", try quotedIdentifier(payload)),
            ("{{moved}}", try source?.movedColumns(schema: schema) ?? ""),
            ("{{unnumbered}}", unnumbered ?? ""),
            ("{{table}}", try quotedName(definition.table)),
            ("{{schema}}", try quotedIdentifier(schema)),
            ("{{id}}", id),
            ("{{columns}}", try table.readColumns(schema: schema)),
            ("{{stored}}", try table.storedColumns(schema: schema)),
            ("{{available_at}}", try quotedIdentifier(columns.availableAt ?? columns.id)),
            ("{{due}}", due ?? ""),
            ("{{age}}", age ?? "NULL::float8"),
            ("{{lane}}", Self.laneRule(definition, number)),
            ("{{lane_number}}", number),
            ("{{parked_lane}}", Self.laneRule(definition, parkedNumber)),
            ("{{parked_lane_number}}", parkedNumber),
        ]
    }

    /// The lane of a row: by hash of the key, or of the id without one.
    private static func laneNumber(
        _ definition: OutboxDefinition,
        key: String?,
        id: String
    ) -> String {
        guard definition.lanes > 1 else { return "0::int8" }
        let subject = key.map { "coalesce(\($0)::text, \(id)::text)" } ?? "\(id)::text"
        let hash = "(pg_catalog.hashtextextended(\(subject), 0) & 9223372036854775807)"
        return "\(hash) % \(definition.lanes)"
    }

    /// Which rows are a lane's, when there are several.
    private static func laneRule(_ definition: OutboxDefinition, _ number: String) -> String {
        definition.lanes > 1 ? "AND \(number) = current_setting('postbox.lane')::int8" : ""
    }

    func statement(_ name: String, _ types: [PostgresType]) -> PostgresStatement {
        let sql = values.reduce(sqlText(name)) { $0.replacing($1.0, with: $1.1) }
        return PostgresStatement(name: name, sql: sql, parameters: types)
    }
}

func quotedName(_ name: Messaging.QualifiedName) throws(PostgresError) -> String {
    "\(try quotedIdentifier(name.schema)).\(try quotedIdentifier(name.name))"
}
