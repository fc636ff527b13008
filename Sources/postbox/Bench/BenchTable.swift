import Postgres
import Threads

/// The outbox table of the benchmark: filled, watched, and asked what it has cost.
final class BenchTable {
    let session: PostgresSession

    /// Every row has a key, a type and two headers.
    ///
    /// $1: rows, $2: bytes, $3: topic, $4: keys.
    private static let fillStatement = """
        INSERT INTO postbox.outbox (topic, key, type, payload, headers)
        SELECT $3, 'order-' || (n % $4), 'OrderPlaced',
            convert_to(rpad('{"order":' || n || ',"note":"', $2::int, 'abcdefgh'), 'UTF8'),
            jsonb_build_object('tenant', 'acme', 'trace', substr(md5(n::text), 1, 16))
        FROM generate_series(1, $1) AS n
        ORDER BY n
        """

    init(_ session: PostgresSession) {
        self.session = session
        session.requestTimeout = .seconds(1_800)
    }

    /// Fills the empty table and returns the ids of the rows.
    ///
    /// It is analysed while it is empty, as it is wherever Postbox keeps up until one day it does
    /// not: a plan that trusts the statistics is then the wrong one.
    func fill(rows: Int, bytes: Int, topic: String) throws -> ClosedRange<Int64> {
        try session.run("TRUNCATE postbox.outbox; CHECKPOINT; ANALYZE postbox.outbox")
        _ = try session.query(
            Self.fillStatement,
            [
                .int8(Int64(rows)), .int8(Int64(bytes)), .text(topic),
                .int8(Int64(BenchOptions.keys)),
            ]
        )
        let ids = try session.query("SELECT min(id), max(id) FROM postbox.outbox")
        return ids.int64(0, 0)...ids.int64(0, 1)
    }

    /// Waits until the last row has been settled; false when the time is over.
    func waitUntilGone(_ id: Int64, within limit: Duration) throws -> Bool {
        let deadline = MonotonicTime.now + limit
        let nobody = StopRequest()
        // One row by its key: a look at the whole table would cost what is being measured.
        while try session.query(
            "SELECT FROM postbox.outbox WHERE id = $1",
            [.int8(id)]
        ).count > 0 {
            guard deadline.remaining > .zero else { return false }
            nobody.wait(.milliseconds(2))
        }
        return true
    }

    func countRows() throws -> Int {
        try session.query("SELECT count(*) FROM postbox.outbox").int(0, 0)
    }

    /// Begins to count statements, where the server has its extension for that.
    func countStatements() {
        // Without it one figure is missing, and nothing else.
        try? session.run(
            """
            CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
            SELECT pg_stat_statements_reset()
            """
        )
    }

    /// How many rows a batch has held since then: those of the statement that has read the most.
    func rowsPerBatch() -> Double? {
        let rows = try? session.query(
            """
            SELECT rows::float8 / calls
            FROM pg_stat_statements
            WHERE query LIKE '%outbox%' AND query NOT LIKE 'INSERT%' AND query NOT LIKE 'DELETE%'
            ORDER BY rows DESC
            LIMIT 1
            """
        )
        guard let rows, rows.count == 1 else { return nil }
        return rows.double(0, 0)
    }
}
