package import Messaging
package import Postgres

/// The parked messages of one outbox.
package struct OutboxDesk: DeadLetterDesk {
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

    package var mailbox: Mailbox { .outbox(definition.name) }

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

    package func show(_ id: Int64) throws -> DeadLetterContents? {
        let selection = DeadLetterSelection(
            mailbox,
            ids: [id],
            states: DeadLetter.State.allCases
        )
        guard let letter = try list(selection).first else { return nil }
        let rows = try session().query(
            StateStatements(schema: schema).showParked,
            [.text(definition.name), .int8(id), .int4(1 << 20)]
        )
        guard rows.count == 1 else { return nil }
        return DeadLetterContents(
            letter: letter,
            headers: rows.textOrNil(0, 0),
            payload: rows.bytesOrNil(0, 1)
        )
    }

    package func retry(_ selection: DeadLetterSelection) throws -> Int {
        try change(StateStatements(schema: schema).retryParked, selection)
    }

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
        try session.run(
            """
            SET search_path = pg_catalog; SET lock_timeout = '10s';
            SET default_transaction_isolation = 'read committed'
            """
        )
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
            mailbox,
            id: rows.int64(row, 0),
            state: DeadLetter.State(rawValue: rows.text(row, 5)) ?? .dead,
            attempts: rows.int(row, 7),
            parkedAt: rows.timestamp(row, 10).iso8601
        )
        letter.messageID = rows.textOrNil(row, 1)
        letter.topic = rows.textOrNil(row, 2)
        letter.key = rows.textOrNil(row, 3)
        letter.type = rows.textOrNil(row, 4)
        letter.reason = rows.textOrNil(row, 6)
        letter.payloadBytes = rows.int64OrNil(row, 8).map { Int($0) }
        letter.createdAt = rows.timestampOrNil(row, 9)?.iso8601
        letter.retryAt = rows.timestampOrNil(row, 11)?.iso8601
        letter.followers = rows.int64OrNil(row, 12)
        return letter
    }
}
