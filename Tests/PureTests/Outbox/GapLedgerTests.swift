import TestKit
import Testing

@testable import Outbox

struct GapLedgerTests {
    @Test func `an id that was passed over stays a gap until it is seen`() {
        var ledger = GapLedger(cursor: 0)
        ledger.observe([1, 2, 5, 6])
        #expect(ledger.cursor == 6)
        #expect(ledger.gaps.map { [$0.first, $0.last] } == [[3, 4]])
        ledger.observe([4])
        #expect(ledger.gaps.map { [$0.first, $0.last] } == [[3, 3]])
        ledger.observe([3, 7])
        #expect(ledger.gaps.isEmpty && ledger.cursor == 7)
    }

    @Test func `everything before the first row is a gap at the start`() {
        var ledger = GapLedger()
        ledger.observe([10])
        #expect(ledger.gaps.first?.last == 9)
    }

    @Test func `a gap closes when a read after the end of all who were writing found nothing`() {
        var ledger = GapLedger(cursor: 0)
        ledger.observe([2])
        ledger.update(writers: ["3/1", "4/7"])
        ledger.update(writers: ["4/7", "5/2"])
        ledger.close(upTo: .max, seenAfter: ledger.looks)
        #expect(ledger.gaps.count == 1)
        let before = ledger.looks
        ledger.update(writers: ["5/2"])
        #expect(ledger.gaps.count == 1)
        ledger.close(upTo: .max, seenAfter: before)
        #expect(ledger.gaps.count == 1)
        ledger.close(upTo: .max, seenAfter: ledger.looks)
        #expect(ledger.gaps.isEmpty)
    }

    @Test func `a gap is never closed by the first look at the writers`() {
        for writers: Set<String> in [[], ["3/1"]] {
            var ledger = GapLedger(cursor: 0)
            ledger.observe([2])
            let before = ledger.looks
            ledger.update(writers: writers)
            ledger.close(upTo: .max, seenAfter: before)
            #expect(ledger.gaps.count == 1)
        }
    }

    @Test func `of an ended gap closes what was read, and the rest stays`() {
        var ledger = GapLedger(cursor: 0)
        ledger.observe([10, 20])
        ledger.update(writers: [])
        ledger.observe([3, 5])
        ledger.close(upTo: 5, seenAfter: ledger.looks)
        #expect(ledger.gaps.map { [$0.first, $0.last] } == [[6, 9], [11, 19]])
        ledger.observe([14])
        ledger.close(upTo: 14, seenAfter: ledger.looks)
        #expect(ledger.gaps.map { [$0.first, $0.last] } == [[15, 19]])
    }

    @Test func `coarse gaps of long ago close while new ones come`() {
        var ledger = GapLedger(cursor: 0)
        for round in 0..<20 {
            let first = Int64(round * 4000)
            ledger.observe(stride(from: first + 2, through: first + 4000, by: 2))
            ledger.update(writers: ["7/\(round)"])
            ledger.close(upTo: .max, seenAfter: ledger.looks)
        }
        #expect(ledger.isCoarse)
        #expect(ledger.gaps.allSatisfy { $0.first > 18 * 4000 })
    }

    @Test func `rewinding forgets what lies after the position and keeps the gaps before it`() {
        var ledger = GapLedger(cursor: 0)
        ledger.observe([2, 5, 9])
        ledger.rewind(to: 4)
        #expect(ledger.cursor == 4)
        #expect(ledger.gaps.map { [$0.first, $0.last] } == [[1, 1], [3, 4]])
    }

    /// Every id not seen, up to the cursor, lies in a gap, however many there are.
    @Test(arguments: Seed.some(20))
    func `no unseen id is ever outside the gaps`(seed: Seed) {
        var random = seed.makeGenerator()
        var ledger = GapLedger(cursor: 0)
        var unseen = Set<Int64>(1...3000)
        var next: Int64 = 1
        while next < 3000 {
            var batch: [Int64] = []
            for late in unseen where late < next && Int.random(in: 0..<20, using: &random) == 0 {
                batch.append(late)
            }
            let end = min(next + Int64.random(in: 1...50, using: &random), 3000)
            batch += (next...end).filter { _ in Bool.random(using: &random) }
            next = end + 1
            ledger.observe(batch.sorted())
            unseen.subtract(batch)
            for id in unseen where id <= ledger.cursor {
                #expect(ledger.gaps.contains { $0.first <= id && id <= $0.last }, "\(id)")
            }
            #expect(ledger.gaps.count <= GapLedger.gapLimit)
            #expect(zip(ledger.gaps, ledger.gaps.dropFirst()).allSatisfy { $0.last < $1.first })
        }
    }
}

struct IDRunsTests {
    @Test(arguments: [
        ([Int64](), []), ([5], [5...5]), ([1, 2, 3], [1...3]), ([3, 1, 2, 7], [1...3, 7...7]),
    ])
    func `ids are runs without gaps`(ids: [Int64], runs: [ClosedRange<Int64>]) {
        #expect(IDRuns(ids).runs == runs)
    }

    @Test(arguments: Seed.some(10))
    func `runs hold exactly the ids`(seed: Seed) {
        var random = seed.makeGenerator()
        let ids = Set((0..<500).map { _ in Int64.random(in: 1...1000, using: &random) })
        let held = IDRuns(Array(ids)).runs.flatMap { Array($0) }
        #expect(held == ids.sorted())
    }
}
