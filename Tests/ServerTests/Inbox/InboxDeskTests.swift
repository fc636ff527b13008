import Inbox
import Messaging
import Postgres
import TestKit
import Testing

/// Dead letters of an inbox, as a person deals with them.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxDeskTests {
    private let definition = InboxDefinition(
        name: "delivery",
        database: "db",
        kafka: "main",
        topics: ["t"],
        apply: .store
    )

    /// Two keys with a dead letter and those behind it, one without followers, another inbox's.
    private func withParked(
        _ body: (InboxDesk, TestDatabase) async throws -> Void
    ) async throws {
        try await withTestDatabase { database in
            var migrated = definition
            migrated.apply = .function(Messaging.QualifiedName(schema: "s", name: "f"))
            try await database.run(InboxMigration.script(for: [migrated]))
            try await database.run(
                """
                INSERT INTO postbox.parked_message (
                    inbox, topic, partition, "offset", message_id, type, key, key_hash, payload,
                    headers, state, reason, attempts)
                VALUES
                    ('delivery', 't', 0, 10, 'm1', 'x', 'a', 1, 'one', '{"h":"v"}', 'dead', 'no', 8),
                    ('delivery', 't', 0, 11, 'm2', 'x', 'a', 1, 'two', NULL, 'held', NULL, 0),
                    ('delivery', 't', 0, 12, 'm3', 'x', 'a', 1, NULL, NULL, 'held', NULL, 0),
                    ('delivery', 't', 1, 5, 'm4', 'x', 'b', 2, '', NULL, 'dead', 'no', 8),
                    ('delivery', 't', 1, 6, 'm5', 'x', 'b', 2, 'x', NULL, 'dead', 'no', 8),
                    ('delivery', 't', 1, 7, 'm6', 'x', 'b', 2, 'x', NULL, 'held', NULL, 0),
                    ('other', 't', 0, 10, 'm1', 'x', 'a', 1, 'one', NULL, 'dead', 'no', 8)
                """
            )
            let desk = InboxDesk(definition: definition, database: try database.target())
            try await body(desk, database)
        }
    }

    private func states(_ database: TestDatabase) async throws -> [String?] {
        try await database.texts(
            """
            SELECT message_id || ' ' || state || ' ' || attempts
                || CASE WHEN retry_at <= now() THEN ' now' ELSE '' END
            FROM postbox.parked_message WHERE inbox = 'delivery' ORDER BY id
            """
        )
    }

    @Test func `they are listed with where they stood, and only this inbox's`() async throws {
        try await withParked { desk, _ in
            let dead = try desk.list(DeadLetterSelection())
            #expect(dead.map(\.messageID) == ["m1", "m4", "m5"])
            #expect(dead.map(\.followers) == [2, 1, 1])
            #expect(dead[0].mailbox == .inbox("delivery"))
            #expect(dead[0].topic == "t" && dead[0].partition == 0 && dead[0].offset == 10)
            #expect(dead[0].payloadBytes == 3 && dead[1].payloadBytes == 0)
            let held = try desk.list(DeadLetterSelection(key: "a", states: [.held]))
            #expect(held.map(\.messageID) == ["m2", "m3"])
        }
    }

    @Test func `one is shown with what it carries, a tombstone without`() async throws {
        try await withParked { desk, _ in
            let ids = try desk.list(DeadLetterSelection(states: DeadLetter.State.allCases)).map(
                \.id
            )
            let first = try #require(try desk.show(ids[0]))
            #expect(first.headers == #"{"h": "v"}"#)
            #expect(first.payload == Array("one".utf8))
            let (tombstone, empty) = (try desk.show(ids[2]), try desk.show(ids[3]))
            #expect(tombstone?.payload == nil)
            #expect(empty?.payload == [])
            let nobody = try desk.show(0)
            #expect(nobody == nil)
        }
    }

    @Test func `retry makes dead ones ready with no attempt used, and their followers wait`()
        async throws
    {
        try await withParked { desk, database in
            let changed = try desk.retry(DeadLetterSelection(key: "a", limit: .max))
            #expect(changed == 1)
            #expect(
                try await states(database) == [
                    "m1 retrying 0 now", "m2 held 0", "m3 held 0", "m4 dead 8", "m5 dead 8",
                    "m6 held 0",
                ]
            )
            #expect(try desk.retry(DeadLetterSelection(limit: .max)) == 3)
        }
    }

    @Test func `discard lets the next of the key go on, unless it waits for another`() async throws
    {
        try await withParked { desk, database in
            let dead = try desk.list(DeadLetterSelection()).map(\.id)
            #expect(try desk.discard(DeadLetterSelection(ids: [dead[0], dead[1]])) == 2)
            #expect(
                try await states(database) == [
                    "m2 retrying 0 now", "m3 held 0", "m5 dead 8", "m6 held 0",
                ]
            )
            #expect(try desk.discard(DeadLetterSelection(limit: .max)) == 1)
            #expect(
                try await states(database) == [
                    "m2 retrying 0 now", "m3 held 0", "m6 retrying 0 now",
                ]
            )
            let others = try await database.number(
                "SELECT count(*) FROM postbox.parked_message WHERE inbox = 'other'"
            )
            #expect(others == 1)
        }
    }
}
