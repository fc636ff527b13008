package import Messaging
package import Postgres

/// Looks whether a database is as an outbox needs it.
package enum OutboxCheck {
    /// All problems, in the order one would mend them.
    package static func problems(
        of definition: OutboxDefinition,
        schema: String = "postbox",
        in session: PostgresSession
    ) throws(PostgresError) -> [OutboxProblem] {
        let state = try stateProblems(of: definition, schema: schema, in: session)
        let table = try OutboxTable(definition, in: session)
        guard table.exists else {
            return state + [
                OutboxProblem(
                    .table,
                    "there is no table \(definition.table); `postbox migrate --apply` creates the "
                        + "default one, or correct `table`"
                )
            ]
        }
        let columns = columnProblems(of: table)
        guard columns.allSatisfy(\.isWarning) else { return state + columns }
        let grants = try grantProblems(of: definition, in: session)
        guard definition.order == .id else { return state + columns + grants }
        return try state + columns + grants
            + indexProblems(of: definition, in: session)
            + sequenceProblems(of: definition, in: session)
    }

    private static func stateProblems(
        of definition: OutboxDefinition,
        schema: String,
        in session: PostgresSession
    ) throws(PostgresError) -> [OutboxProblem] {
        let rows = try session.query(sqlText("check_state"), [.text(schema)])
        guard rows.bool(0, 0) else {
            return [
                OutboxProblem(
                    .state,
                    "there is no schema \(schema) yet: run `postbox migrate --apply`"
                )
            ]
        }
        guard rows.bool(0, 1) else {
            return [
                OutboxProblem(
                    .state,
                    "no right to use schema \(schema): GRANT USAGE ON SCHEMA \(schema)"
                )
            ]
        }
        var problems: [OutboxProblem] = []
        let intake = definition.intakeTable(in: schema).name
        for name in ["lane", "parked"] + (definition.isArchived ? ["delivered"] : [])
            + (definition.order == .none ? [intake] : [])
        {
            problems += try stateTableProblems("\(schema).\(name)", schema, name, in: session)
        }
        return problems
    }

    private static func stateTableProblems(
        _ shown: String,
        _ schema: String,
        _ name: String,
        in session: PostgresSession
    ) throws(PostgresError) -> [OutboxProblem] {
        let quoted = try quotedName(Messaging.QualifiedName(schema: schema, name: name))
        let rows = try session.query(sqlText("check_state_table"), [.text(quoted)])
        guard rows.bool(0, 0) else {
            return [OutboxProblem(.state, "no table \(shown): run `postbox migrate --apply`")]
        }
        guard !rows.bool(0, 1) else { return [] }
        return [
            OutboxProblem(
                .state,
                "GRANT SELECT, INSERT, UPDATE, DELETE ON \(shown) to Postbox's role"
            )
        ]
    }

    private static func columnProblems(of table: OutboxTable) -> [OutboxProblem] {
        var problems: [OutboxProblem] = []
        var wanted = table.definition.columns.mapped
        if table.definition.order == .none { wanted.removeAll { $0.role == "id" } }
        for case .column(let name) in table.definition.topic?.parts ?? [] {
            wanted.append(("topic", name))
        }
        for (role, column) in wanted {
            guard let type = table.types[column] else {
                problems += missing(column, for: role, in: table)
                continue
            }
            if let allowed = allowedTypes[role], !allowed.contains(type) {
                problems.append(
                    OutboxProblem(
                        .column(role),
                        "column \(column) is \(type); \(role) must be "
                            + allowed.joined(separator: ", ")
                    )
                )
            }
        }
        return problems
    }

    private static func missing(
        _ column: String,
        for role: String,
        in table: OutboxTable
    ) -> [OutboxProblem] {
        let columns = table.definition.columns
        let isLink = columns.chain.contains { $0.column == column }
        // A table of one's own may lack what nobody has asked for.
        let isByDefault = OutboxColumns.postbox.chain.contains { $0.column == column }
        if isLink && isByDefault && columns != .postbox { return [] }
        let isAdded = columns == .postbox && isLink || column == OutboxColumns.debezium.id
        let way = isAdded ? ": `postbox migrate --apply` adds it" : ""
        let other = role == "id" ? "; or set `order: none` if nobody needs an order" : ""
        let hint = way + other
        return [
            OutboxProblem(
                .column(role),
                isWarning: isLink && isByDefault,
                "\(table.definition.table) has no column \(column)\(hint)"
            )
        ]
    }

    private static let allowedTypes = [
        "id": ["int8", "int4", "int2"], "payload": ["bytea", "jsonb", "json", "text", "varchar"],
        "headers": ["jsonb", "json"], "available_at": ["timestamptz"],
        "created_at": ["timestamptz", "timestamp"],
    ]

    private static func grantProblems(
        of definition: OutboxDefinition,
        in session: PostgresSession
    ) throws(PostgresError) -> [OutboxProblem] {
        let rows = try session.query(
            sqlText("check_grants"),
            [.text(try quotedName(definition.table))]
        )
        guard rows.count == 1 else { return [] }
        var problems: [OutboxProblem] = []
        for (column, right) in [(0, "SELECT"), (1, "DELETE")] where !rows.bool(0, column) {
            problems.append(
                OutboxProblem(.grant, "GRANT \(right) ON \(definition.table) to Postbox's role")
            )
        }
        if !["r", "p"].contains(rows.text(0, 2)) {
            problems.append(OutboxProblem(.table, "\(definition.table) is not a table"))
        }
        if rows.bool(0, 3) {
            problems.append(
                OutboxProblem(
                    .table,
                    isWarning: true,
                    "row security is on: rows that Postbox's role may not see are never published"
                )
            )
        }
        return problems
    }

    /// Whether the id names one row each; of two rows with one id the second would be deleted with
    /// the first.
    static func idProblems(
        of definition: OutboxDefinition,
        in session: PostgresSession
    ) throws(PostgresError) -> [OutboxProblem] {
        let (table, id) = (definition.table, definition.columns.id)
        let rows = try session.query(
            sqlText("check_id"),
            [.text(try quotedName(table)), .text(id)]
        )
        guard rows.count == 1 else { return [] }
        var problems: [OutboxProblem] = []
        if !rows.bool(0, 0) {
            problems.append(
                OutboxProblem(
                    .column("id"),
                    "column \(id) may be NULL, and such a row would never be read; "
                        + "ALTER TABLE \(table) ALTER COLUMN \(id) SET NOT NULL"
                )
            )
        }
        if !rows.bool(0, 1) {
            problems.append(
                OutboxProblem(
                    .index,
                    "no unique index on \(id) alone, and without a predicate: of two rows with one "
                        + "\(id) the second would be lost; CREATE UNIQUE INDEX ON \(table) (\(id))"
                )
            )
        }
        return problems
    }

    private static func indexProblems(
        of definition: OutboxDefinition,
        in session: PostgresSession
    ) throws(PostgresError) -> [OutboxProblem] {
        let table = try quotedName(definition.table)
        var problems = try idProblems(of: definition, in: session)
        guard let due = definition.columns.availableAt else { return problems }
        if try session.query(sqlText("check_index"), [.text(table), .text(due)]).int64(0, 0) == 0 {
            problems.append(
                OutboxProblem(
                    .index,
                    isWarning: true,
                    "no index begins with \(due): looking for delayed messages scans the whole "
                        + "table; CREATE INDEX ON \(definition.table) (\(due)) "
                        + "WHERE \(due) IS NOT NULL"
                )
            )
        }
        return problems
    }

    private static func sequenceProblems(
        of definition: OutboxDefinition,
        in session: PostgresSession
    ) throws(PostgresError) -> [OutboxProblem] {
        let rows = try session.query(
            sqlText("check_sequence"),
            [.text(try quotedName(definition.table)), .text(definition.columns.id)]
        )
        guard rows.count == 1, rows.int64(0, 0) > 1 else { return [] }
        return [
            OutboxProblem(
                .sequence,
                isWarning: true,
                "the sequence of \(definition.columns.id) has CACHE \(rows.int64(0, 0)): sessions "
                    + "draw ids ahead, so the order of a key is not that of its locks; set CACHE 1"
            )
        ]
    }
}
