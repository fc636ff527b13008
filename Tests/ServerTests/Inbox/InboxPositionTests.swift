import Kafka
import Messaging
import Postgres
import TestKit
import Testing

@testable import Inbox

/// Positions of several numbers of lanes: all of a partition have one owner.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxPositionTests {
    @Test func `positions whose generations came apart come together again`() async throws {
        try await withTestDatabase { database in
            var fixture = try await InboxFixture(
                database,
                BrokerKind.builtIn.broker(),
                partitions: 1
            ) { $0.lanes = 2 }
            try await fixture.running { _ in
                try await fixture.write(1...100)
                try await fixture.expectApplied(100)
            }
            // As an earlier version may have left them: made by a reader that had just been followed.
            try await database.run(
                """
                INSERT INTO postbox.position (
                    inbox, topic, partition, lanes, lane, generation, next_offset)
                SELECT inbox, topic, partition, 4, new, generation - 1, 100
                FROM postbox.position, generate_series(0, 3) AS new WHERE lane = 0
                """
            )
            fixture.definition.lanes = 4
            try await fixture.running { _ in
                try await fixture.write(101...200)
                try await fixture.expectApplied(200)
            }
        }
    }

    @Test func `who was followed by another reader makes no positions`() async throws {
        try await withPositions { fixture, session in
            let followed = try fixture.make(generation: 4, session)
            let present = try fixture.make(generation: 5, session)
            #expect(followed == 0 && present == 2)
        }
    }

    @Test func `a seek moves the positions that are just being made, too`() async throws {
        try await withPositions { fixture, session in
            try await fixture.write(1...10)
            let desk = PositionDesk(
                definition: fixture.definition,
                database: try fixture.database.target(),
                kafka: fixture.broker.cluster
            )
            try session.run("BEGIN")
            _ = try fixture.make(generation: 5, session)
            async let plan = desk.seek(SeekOrder(inbox: "accounts", to: .earliest, applies: true))
            let waiting = """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
                """
            #expect(try await soon { try await fixture.database.number(waiting) == 1 })
            try session.run("COMMIT")
            _ = try await plan
            let positions = """
                SELECT concat_ws(' ', lanes, lane, generation, next_offset)
                FROM postbox.position ORDER BY lanes, lane
                """
            let found = try await fixture.database.texts(positions)
            #expect(found == ["1 0 6 0", "2 0 6 0", "2 1 6 0"])
        }
    }

    /// A partition that one lane has read up to 7, under generation 5; the inbox has two by now.
    private func withPositions(
        _ body: (InboxFixture, PostgresSession) async throws -> Void
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(
                database,
                BrokerKind.builtIn.broker(),
                partitions: 1
            ) { $0.lanes = 2 }
            try await database.run(
                """
                INSERT INTO postbox.position (
                    inbox, topic, partition, lanes, lane, generation, next_offset)
                VALUES ('accounts', '\(fixture.topic)', 0, 1, 0, 5, 7)
                """
            )
            let target = try database.target(applicationName: "maker")
            try await body(fixture, PostgresSession(connectingTo: target, within: patience))
        }
    }
}

extension InboxFixture {
    /// Makes the positions of two lanes, as a reader does; how many came to be.
    fileprivate func make(generation: Int64, _ session: PostgresSession) throws -> Int {
        let statements = try InboxStatements(definition, schema: "postbox")
        let rows = try session.query(
            statements.positions.make,
            [
                .text("accounts"), .int4(2), .textArray([topic]), .int4Array([0]),
                .int8Array([generation]), .int8Array([7]), .optionalInt8Array([nil]),
            ]
        )
        return rows.count
    }
}
