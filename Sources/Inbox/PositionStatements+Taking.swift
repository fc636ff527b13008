import Postgres

extension PositionStatements {
    /// Makes the positions of partitions ours, whoever has them; gives all of them.
    ///
    /// `values` are the inbox, topics and partitions. Waits for the session's lock timeout, and then
    /// ends who stands still in the middle of a transaction: that is no crash of a message's making.
    func takeOver(
        _ values: [PostgresValue],
        through session: PostgresSession
    ) throws -> PostgresRows {
        do {
            return try takeLocked(values, session)
        } catch let error as PostgresError where error.sqlState?.code == "55P03" {
            _ = try session.query(free, values)
            let rows = try takeLocked(values, session)
            _ = try session.query(forgiveAttempts, values)
            return rows
        }
    }

    private func takeLocked(
        _ values: [PostgresValue],
        _ session: PostgresSession
    ) throws -> PostgresRows {
        try session.transaction { transaction in
            _ = try transaction.query(lock, values)
            return try transaction.query(take, values)
        }
    }
}
