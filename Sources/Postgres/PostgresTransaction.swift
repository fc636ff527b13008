/// A transaction under way.
///
/// It ends with the body it is lent to, and cannot be kept.
package struct PostgresTransaction: ~Copyable {
    private let session: PostgresSession

    fileprivate init(_ session: PostgresSession) {
        self.session = session
    }

    package func run(_ script: String) throws(PostgresError) {
        try session.run(script)
    }

    package func query(
        _ statement: PostgresStatement,
        _ values: [PostgresValue] = []
    ) throws(PostgresError) -> PostgresRows {
        try session.query(statement, values)
    }

    package func query(
        _ sql: String,
        _ values: [PostgresValue] = [],
        types: [PostgresType] = []
    ) throws(PostgresError) -> PostgresRows {
        try session.query(sql, values, types: types)
    }

    @discardableResult
    package func copyIn(
        _ sql: String,
        _ body: (inout PostgresCopyWriter) throws -> Void
    ) throws -> Int {
        try session.copyIn(sql, body)
    }
}

extension PostgresSession {
    /// Runs the body in one transaction, which commits when it returns and rolls back when it
    /// throws.
    ///
    /// A connection that is lost during the COMMIT throws `.outcomeUnknown`.
    package func transaction<R: ~Copyable>(
        _ body: (borrowing PostgresTransaction) throws -> R
    ) throws -> R {
        precondition(!isInTransaction, "a transaction within a transaction")
        try run("BEGIN")
        let result: R
        do {
            result = try body(PostgresTransaction(self))
        } catch {
            rollBack()
            throw error
        }
        try commit()
        return result
    }

    private func rollBack() {
        // The error that led here is the one to report. If this fails too, the session is lost,
        // and the server rolls back by itself.
        try? run("ROLLBACK")
    }

    private func commit() throws(PostgresError) {
        guard isAlive else { throw .connectionLost(during: "COMMIT") }
        // Crash: once the COMMIT is sent, only the server knows whether it took place.
        let tag: String
        do {
            tag = try request("COMMIT") { $0.send(script: "COMMIT") }.commandTag
        } catch {
            throw error.isConnectionLoss ? .outcomeUnknown(during: "COMMIT") : error
        }
        guard tag == "COMMIT" else {
            throw .unexpectedResult("the transaction had failed, and was rolled back")
        }
    }
}
