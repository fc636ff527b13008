import FoundationEssentials
package import Messaging
package import Postgres

/// Looks through the parked messages of one outbox, and sends them on their way again.
///
/// Each call opens a session of its own and blocks; the lane's owner, here or elsewhere, takes up
/// what was changed by itself.
package struct DeadLetterDesk: Sendable {
    private let definition: OutboxDefinition
    private let schema: String
    private let database: PostgresTarget

    package init(
        definition: OutboxDefinition,
        schema: String = "postbox",
        database: PostgresTarget
    ) {
        self.definition = definition
        self.schema = schema
        self.database = database
    }

    package func list(_ selection: DeadLetterSelection) throws -> [DeadLetter] {
        let states = selection.states ?? [.dead]
        let rows = try session().query(
            StateStatements(schema: schema).listParked,
            selected(selection) + [
                .textArray(states.map(\.rawValue)), .int8(Int64(selection.limit)),
            ]
        )
        return (0..<rows.count).map { letter(rows, $0) }
    }

    /// One message with its contents; nil when it is not parked.
    ///
    /// At most 1 MiB of the payload.
    package func show(
        _ id: Int64
    ) throws -> (letter: DeadLetter, headers: String?, payload: [UInt8]?)? {
        let selection = DeadLetterSelection(
            outbox: definition.name,
            ids: [id],
            states: DeadLetter.State.allCases
        )
        guard let letter = try list(selection).first else { return nil }
        let rows = try session().query(
            StateStatements(schema: schema).showParked,
            [.text(definition.name), .int8(id), .int4(1 << 20)]
        )
        guard rows.count == 1 else { return nil }
        return (letter, rows.textOrNil(0, 0), rows.bytesOrNil(0, 1))
    }

    /// Makes dead letters ready again, with their attempts counted anew.
    ///
    /// Returns how many.
    package func retry(_ selection: DeadLetterSelection) throws -> Int {
        try change(StateStatements(schema: schema).retryParked, selection)
    }

    /// Deletes dead letters for good, and lets those behind them go on.
    ///
    /// Returns how many.
    package func discard(_ selection: DeadLetterSelection) throws -> Int {
        try change(StateStatements(schema: schema).discardParked, selection)
    }

    private func change(
        _ statement: PostgresStatement,
        _ selection: DeadLetterSelection
    ) throws -> Int {
        try session().query(
            statement,
            selected(selection) + [.int8(Int64(selection.limit))]
        ).count
    }

    private func session() throws(PostgresError) -> PostgresSession {
        let session = try PostgresSession(connectingTo: database, within: .seconds(5))
        try session.run("SET search_path = pg_catalog; SET lock_timeout = '10s'")
        return session
    }

    private func selected(_ selection: DeadLetterSelection) -> [PostgresValue] {
        [
            .text(definition.name), selection.ids.isEmpty ? .null : .int8Array(selection.ids),
            selection.key.map(PostgresValue.text) ?? .null,
        ]
    }

    private func letter(_ rows: borrowing PostgresRows, _ row: Int) -> DeadLetter {
        var letter = DeadLetter(
            outbox: definition.name,
            id: rows.int64(row, 0),
            state: DeadLetter.State(rawValue: rows.text(row, 5)) ?? .dead,
            attempts: rows.int(row, 7),
            parkedAt: Self.text(rows.timestamp(row, 10))
        )
        letter.messageID = rows.textOrNil(row, 1)
        letter.topic = rows.textOrNil(row, 2)
        letter.key = rows.textOrNil(row, 3)
        letter.type = rows.textOrNil(row, 4)
        letter.reason = rows.textOrNil(row, 6)
        letter.payloadBytes = rows.int64OrNil(row, 8).map { Int($0) }
        letter.createdAt = rows.timestampOrNil(row, 9).map(Self.text)
        letter.retryAt = rows.timestampOrNil(row, 11).map(Self.text)
        letter.followers = rows.int64OrNil(row, 12)
        return letter
    }

    private static func text(_ time: PostgresTimestamp) -> String {
        let seconds = Double(time.microsecondsSince1970) / 1_000_000
        return Date(timeIntervalSince1970: seconds).formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true)
        )
    }
}
