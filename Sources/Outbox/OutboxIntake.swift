import Messaging
import Postgres

/// How messages of a table without an order get one: Postbox moves them into a table of its own,
/// which numbers them, and publishes that.
///
/// Crash: a message is in exactly one of the two, for one statement moves it.
extension OutboxDefinition {
    /// The table that numbers them.
    func intakeTable(in schema: String) -> Messaging.QualifiedName {
        Messaging.QualifiedName(schema: schema, name: "intake_\(name)")
    }

    /// The outbox as its lanes see it: one with an order.
    func ordered(in schema: String) -> OutboxDefinition {
        guard order == .none else { return self }
        var ordered = self
        ordered.table = intakeTable(in: schema)
        ordered.columns = .intake
        ordered.topic = nil
        ordered.order = .id
        return ordered
    }
}

extension OutboxColumns {
    /// Of the table that numbers messages; what a message follows from is among its headers there.
    fileprivate static let intake = OutboxColumns(
        correlationID: nil,
        causationID: nil,
        traceparent: nil
    )
}

extension OutboxRuntime {
    /// The statements of the lanes' table, with those that fill it where that is needed.
    func statements(
        on table: OutboxTable,
        in session: PostgresSession
    ) throws -> OutboxStatements {
        guard let unordered else { return try OutboxStatements(table, schema: schema) }
        let source = try OutboxTable(unordered, in: session)
        guard source.exists else { throw OutboxError.noTable("\(unordered.table)") }
        return try OutboxStatements(table, from: source, schema: schema)
    }
}

/// Where the next intake goes on in a table without an order.
struct IntakePace {
    /// The place of the last row that was moved; from the start again once the end was reached.
    private(set) var place = Self.start
    /// Whether the lane has room for more than it has numbered.
    var isDue = true

    private static let start = "(0,0)"
    /// How many rows are moved at once: what one read takes.
    static let limit = ReadPace.largestBatch

    /// Takes note of the last place that rows were moved from, and whether there may be more behind it.
    mutating func note(last: String, hasMore: Bool) {
        place = hasMore ? last : Self.start
    }
}
