import Telemetry
import Testing
import Threads
import postbox

/// What the demo and the benchmark judge their runs by.
struct DeliveryLedgerTests {
    private static func at(_ milliseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanosecondsSinceBoot: milliseconds * 1_000_000)
    }

    /// Rows 1 to 4 of which the first and the last have key 1.
    private func ledger(arriving ids: [Int64?]) -> DeliveryLedger {
        let keys: [Int64: UInt64] = [1: 1, 2: 2, 3: 2, 4: 1]
        var ledger = DeliveryLedger()
        ledger.commit([1, 2, 3, 4], at: Self.at(1))
        for id in ids { ledger.arrive(id, key: id.flatMap { keys[$0] }, at: Self.at(2)) }
        return ledger
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let arriving: [Int64?]
        let verdict: DeliveryVerdict
    }

    static let cases = [
        Case(
            testDescription: "all in order",
            arriving: [1, 2, 3, 4],
            verdict: DeliveryVerdict(committed: 4, arrived: 4)
        ),
        Case(
            testDescription: "keys among each other in any order",
            arriving: [2, 1, 4, 3],
            verdict: DeliveryVerdict(committed: 4, arrived: 4)
        ),
        Case(
            testDescription: "one missing",
            arriving: [1, 2, 3],
            verdict: DeliveryVerdict(committed: 4, arrived: 3, lost: 1)
        ),
        Case(
            testDescription: "two of a key swapped",
            arriving: [1, 3, 2, 4],
            verdict: DeliveryVerdict(committed: 4, arrived: 4, swapped: 1)
        ),
        Case(
            testDescription: "repeated after a later one, which is no swap",
            arriving: [1, 2, 3, 2, 3, 4],
            verdict: DeliveryVerdict(committed: 4, arrived: 4, repeated: 2)
        ),
        Case(
            testDescription: "one that nobody committed",
            arriving: [1, 2, 3, 4, 9],
            verdict: DeliveryVerdict(committed: 4, arrived: 5, phantom: 1)
        ),
        Case(
            testDescription: "strangers without an id, or with one far away",
            arriving: [1, 2, 3, 4, nil, -7, .max],
            verdict: DeliveryVerdict(committed: 4, arrived: 4, phantom: 3)
        ),
    ]

    @Test(arguments: cases)
    func `a run is judged by what arrived`(_ run: Case) {
        let ledger = ledger(arriving: run.arriving)
        #expect(ledger.verdict == run.verdict)
        #expect(ledger.isComplete == (run.verdict.lost == 0))
    }

    @Test func `a message may arrive before its writer has said that it committed`() {
        var ledger = DeliveryLedger()
        ledger.arrive(7, key: 1, at: Self.at(5))
        #expect(ledger.verdict == DeliveryVerdict(committed: 0, arrived: 1, phantom: 1))
        ledger.commit([7], at: Self.at(6))
        #expect(ledger.verdict == DeliveryVerdict(committed: 1, arrived: 1))
        #expect(ledger.latencies.max == .zero)
    }

    @Test func `a latency runs from the commit to the arrival`() {
        var ledger = DeliveryLedger()
        ledger.commit([1, 2], at: Self.at(10))
        ledger.arrive(1, key: nil, at: Self.at(13))
        let recent = ledger.takeRecentLatencies()
        #expect(recent.max == .milliseconds(3))
        ledger.arrive(2, key: nil, at: Self.at(15))
        let later = ledger.takeRecentLatencies()
        #expect(later.count == 1)
        #expect(later.max == .milliseconds(5))
        #expect(ledger.latencies.count == 2)
    }

    @Test func `rows that stood in the table already are expected without a latency`() {
        var ledger = DeliveryLedger(expecting: 1_001...1_003)
        #expect(ledger.backlog == 3)
        for id in Int64(1_001)...1_003 { ledger.arrive(id, key: 1, at: Self.at(id)) }
        #expect(ledger.verdict == DeliveryVerdict(committed: 3, arrived: 3))
        #expect(ledger.latencies.count == 0)
        #expect(ledger.firstArrival == Self.at(1_001))
        #expect(ledger.lastArrival == Self.at(1_003))
    }
}
