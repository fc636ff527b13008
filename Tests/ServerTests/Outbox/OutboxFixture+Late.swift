import Postgres
import TestKit
import Testing

/// Rows that were inserted, and are not yet committed, of the keys `k1` to `k19`.
struct LateTransaction {
    private let session: PostgresSession

    /// They are noted as committed before they are, for they may arrive before that is known.
    init(of count: Int, to fixture: OutboxFixture, availableAt: String = "NULL") throws {
        session = try PostgresSession(
            connectingTo: fixture.database.target(applicationName: "late"),
            within: .seconds(30)
        )
        try session.run("BEGIN")
        let rows = try session.query(
            """
            INSERT INTO postbox.outbox (topic, key, payload, available_at)
            SELECT '\(fixture.topic)', 'k' || (1 + i % 19), 'late', \(availableAt)
            FROM generate_series(1, \(count)) AS i
            RETURNING id, key
            """
        )
        fixture.reader.noteCommitted((0..<rows.count).map { (rows.int64($0, 0), rows.text($0, 1)) })
    }

    func commit() throws { try session.run("COMMIT") }
    func prepare(_ name: String) throws { try session.run("PREPARE TRANSACTION '\(name)'") }
}

extension OutboxFixture {
    /// Waits until the lane has looked again who is writing to the table.
    func expectLookAtWriters() async throws {
        let before = try await database.texts("SELECT clock_timestamp()")[0] ?? ""
        try await expectSoon {
            try await database.number(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE application_name = 'postbox' AND query LIKE '%l.virtualtransaction%'
                    AND datname = current_database() AND query_start > '\(before)'
                """
            ) > 0
        }
    }

    /// Waits until a lane reads without gaps.
    func expectNoGapsSoon() async throws {
        try await expectSoon {
            try await database.number(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE application_name = 'postbox' AND query LIKE '%o."id" > $1%'
                    AND query NOT LIKE '%UNION ALL%' AND datname = current_database()
                """
            ) > 0
        }
    }
}
