import Testing

@testable import Inbox

struct PositionLedgerTests {
    private func rows(_ lanes: Int, _ next: [Int64], generation: Int64 = 3) -> [PositionRow] {
        next.enumerated().map { lane, offset in
            PositionRow(lanes: lanes, lane: lane, generation: generation, nextOffset: offset)
        }
    }

    @Test func `the lane that is behind says where to read on`() throws {
        let ledger = try #require(PositionLedger(rows(3, [50, 20, 70]), lanes: 3))
        #expect(ledger.start == 20)
        #expect(ledger.generation == 3)
        #expect(!ledger.isNew)
    }

    @Test func `without rows there is no ledger`() {
        #expect(PositionLedger([], lanes: 3) == nil)
    }

    @Test func `a lane skips what it has applied`() throws {
        let ledger = try #require(PositionLedger(rows(2, [10, 20]), lanes: 2))
        #expect(!ledger.hasApplied(15, hash: 4))
        #expect(ledger.hasApplied(15, hash: 5))
        #expect(ledger.isFilteredBelow == 20)
    }

    @Test func `a new number of lanes begins where every old one has been, and skips the rest`()
        throws
    {
        let ledger = try #require(PositionLedger(rows(2, [10, 20]), lanes: 3))
        #expect(ledger.isNew)
        #expect(ledger.current.next == [10, 10, 10])
        #expect(!ledger.hasApplied(15, hash: 4))
        #expect(ledger.hasApplied(15, hash: 5))
        #expect(!ledger.hasApplied(20, hash: 5))
    }

    @Test func `a change back finds the newer positions`() throws {
        let ledger = try #require(
            PositionLedger(rows(2, [10, 20]) + rows(1, [40]), lanes: 2)
        )
        #expect(ledger.current.next == [10, 20])
        #expect(ledger.hasApplied(30, hash: 1))
        #expect(!ledger.hasApplied(40, hash: 1))
    }

    @Test(arguments: [Int64.min, -1, 0, 1, .max])
    func `every hash has a lane`(hash: Int64) {
        #expect((0..<7).contains(lane(of: hash, among: 7)))
    }
}
