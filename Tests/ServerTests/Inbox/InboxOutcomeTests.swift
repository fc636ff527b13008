import Inbox
import Messaging
import TestKit
import Testing

/// What was committed, and nobody here knows it.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxOutcomeTests {
    /// How a message comes to be parked.
    enum Parking: CaseIterable {
        /// Its handler refuses it; whom to blame is found out in a transaction of statements.
        case refused
        /// It has no id, and is parked with its batch in one round trip.
        case withoutID

        /// What stands in the request that commits it.
        var request: String {
            switch self {
            case .refused: "COMMIT\0"
            // The name of a prepared statement.
            case .withoutID: "\0park\0"
            }
        }
    }

    @Test(arguments: Parking.allCases)
    func `a message is parked, the answer is lost, and its key waits all the same`(
        parking: Parking
    ) async throws {
        try await withTestDatabase { database in
            try await withLossyWire(to: database.server) { wire in
                var fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                    $0.retry = RetryPolicy(maxAttempts: 1)
                }
                fixture.wire = wire
                try await fixture.running { _ in
                    try await fixture.write(1...10, keys: 2)
                    try await fixture.expectApplied(10)
                    wire.loseAnswer(to: parking.request)
                    try await fixture.park(11, parking)
                    #expect(await soon { wire.hasLost })
                    #expect(try await fixture.parkedCount("dead") == 1)

                    try await fixture.write(12...20, keys: 2)
                    #expect(try await soon { try await fixture.parkedCount("held") == 4 })
                    try await fixture.expectApplied(15, total: 55 + 12 + 14 + 16 + 18 + 20)

                    try await database.run("DELETE FROM bank.poison")
                    try await fixture.retryDead()
                    try await fixture.expectApplied(20)
                }
            }
        }
    }
}

extension InboxFixture {
    /// Writes one message of two keys, which is going to be parked.
    fileprivate func park(_ number: Int, _ parking: InboxOutcomeTests.Parking) async throws {
        switch parking {
        case .refused:
            try await database.run("INSERT INTO bank.poison VALUES ('m\(number)', 'refuse')")
            try await write(number...number, keys: 2)
        case .withoutID:
            try await write(number...number, keys: 2, id: "NULL::text")
        }
    }

    fileprivate func parkedCount(_ state: String) async throws -> Int64 {
        try await database.number(
            "SELECT count(*) FROM postbox.parked_message WHERE state = '\(state)'"
        )
    }
}
