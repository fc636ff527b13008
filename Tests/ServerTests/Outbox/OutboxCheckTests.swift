import Messaging
import Outbox
import Postgres
import TestKit
import Testing

/// What `postbox check` finds wrong with a table of one's own.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct OutboxCheckTests {
    private static let columns = OutboxColumns(
        messageID: nil,
        topic: nil,
        key: "subject",
        type: nil,
        payload: "body",
        headers: nil,
        availableAt: nil,
        createdAt: nil
    )

    /// Makes the state's tables and one of one's own, and looks at it.
    private func problems(_ table: String) async throws -> [OutboxProblem] {
        try await withTestDatabase { database in
            var definition = OutboxDefinition(name: "shop", database: "db", kafka: "kafka")
            definition.table = QualifiedName(schema: "public", name: "event")
            definition.columns = Self.columns
            definition.topic = TopicTemplate("events")
            let mapped = definition
            try await database.run(OutboxMigration.script(for: [mapped]))
            try await database.run(table)
            return try await database.connection.withSession { session in
                try OutboxCheck.problems(of: mapped, in: session)
            }
        }
    }

    @Test func `a table as it should be has no problem`() async throws {
        let found = try await problems(
            """
            CREATE TABLE event (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subject text, body jsonb)
            """
        )
        #expect(found.isEmpty, "\(found)")
    }

    @Test func `ids that are drawn ahead are told`() async throws {
        let found = try await problems(
            """
            CREATE TABLE event (
                id bigint GENERATED ALWAYS AS IDENTITY (CACHE 20) PRIMARY KEY, subject text,
                body jsonb)
            """
        )
        #expect(found.map(\.part) == [.sequence])
        #expect(found.first?.isWarning == true)
        #expect(found.first?.message.contains("CACHE 20") == true)
    }

    @Test func `a mapped column that is not there is told`() async throws {
        let found = try await problems(
            "CREATE TABLE event (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body jsonb)"
        )
        #expect(found.map(\.part) == [.column("key")])
        #expect(found.first?.message.contains("no column subject") == true)
    }

    @Test func `a column of a type that will not do is told`() async throws {
        let found = try await problems(
            "CREATE TABLE event (id uuid PRIMARY KEY, subject text, body xml)"
        )
        #expect(Set(found.map(\.part)) == [.column("id"), .column("payload")])
        #expect(found.allSatisfy { !$0.isWarning })
    }
}
