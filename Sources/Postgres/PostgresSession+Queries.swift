extension PostgresSession {
    /// Runs one or more statements without parameters; their rows are dropped.
    package func run(_ script: String) throws(PostgresError) {
        _ = try request("script") { $0.send(script: script) }
    }

    /// Runs a statement, prepared on its first use in this session.
    package func query(
        _ statement: PostgresStatement,
        _ values: [PostgresValue] = []
    ) throws(PostgresError) -> PostgresRows {
        let wasPrepared = statements.contains(statement.name)
        do {
            return try execute(statement, values)
        } catch {
            // A table was altered, or the session reset: the next plan is right. Within a
            // transaction that plan would come too late, for the transaction has failed.
            guard wasPrepared, !statements.contains(statement.name), !isInTransaction else {
                throw error
            }
            return try execute(statement, values)
        }
    }

    /// Runs a statement that is not worth preparing.
    ///
    /// Types are the values' own unless given.
    package func query(
        _ sql: String,
        _ values: [PostgresValue] = [],
        types: [PostgresType] = []
    ) throws(PostgresError) -> PostgresRows {
        try parameters.encode(values, as: types, for: "query")
        defer { parameters.clear() }
        return try request("query") { $0.send(sql: sql, parameters) }
    }

    /// Prepares those of the statements that this session has not prepared yet.
    package func prepare(_ wanted: [PostgresStatement]) throws(PostgresError) {
        for statement in wanted where !statements.contains(statement.name) {
            try prepare(statement)
        }
    }

    private func execute(
        _ statement: PostgresStatement,
        _ values: [PostgresValue]
    ) throws(PostgresError) -> PostgresRows {
        if !statements.contains(statement.name) { try prepare(statement) }
        try parameters.encode(values, as: statement.parameters, for: statement.name)
        defer { parameters.clear() }
        do {
            return try request(statement.name) { $0.send(prepared: statement.name, parameters) }
        } catch {
            if let state = error.sqlState { statements.forget(statement.name, because: state) }
            throw error
        }
    }

    private func prepare(_ statement: PostgresStatement) throws(PostgresError) {
        if statements.isOutdated(statement.name) {
            try run("DEALLOCATE \(quotedIdentifier(statement.name))")
        }
        _ = try request(statement.name) { $0.sendPrepare(statement) }
        statements.insert(statement.name)
    }
}
