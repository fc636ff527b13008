import Telemetry
import Testing
import Threads
import postbox

/// How the demo tells that each change was applied once, and how long it took.
struct DemoVerdictTests {
    private func verdict(_ version: Int, _ copy: DemoVerdict.Copy?) -> [Int] {
        var verdict = DemoVerdict()
        verdict.compare(.init(version: version, price: "7.50"), with: copy)
        return [verdict.lost, verdict.surplus, verdict.outOfOrder, verdict.different]
    }

    private func copy(_ version: Int, changes: Int, astray: Int = 0) -> DemoVerdict.Copy {
        .init(
            state: .init(version: version, price: "7.50"),
            timesChanged: changes,
            timesAstray: astray
        )
    }

    @Test func `a copy that followed every change is exact`() {
        #expect(verdict(9, copy(9, changes: 9)) == [0, 0, 0, 0])
        #expect(verdict(0, nil) == [0, 0, 0, 0])
    }

    @Test func `what is missing, done twice, or in the wrong place shows`() {
        #expect(verdict(9, copy(8, changes: 8)) == [1, 0, 0, 1])
        #expect(verdict(9, nil) == [9, 0, 0, 1])
        #expect(verdict(9, copy(9, changes: 10, astray: 1)) == [0, 1, 1, 0])
        #expect(verdict(9, copy(8, changes: 9, astray: 2)) == [0, 0, 2, 1])
    }

    private func time(_ milliseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanosecondsSinceBoot: milliseconds * 1_000_000)
    }

    @Test func `a version that is seen makes all before it visible`() {
        var ledger = DemoLedger()
        for moment in 1...3 { ledger.commit(7, at: time(Int64(moment))) }
        ledger.commit(8, at: time(1))
        ledger.see(7, version: 2, at: time(11))
        #expect(ledger.visibleCount == 2)
        #expect(!ledger.isComplete)
        ledger.see(7, version: 3, at: time(13))
        ledger.see(8, version: 1, at: time(13))
        #expect(ledger.isComplete)
        #expect(ledger.staleness.count == 4)
        #expect(ledger.staleness.max == .milliseconds(12))
    }

    @Test func `what is seen before its commit was noted was not stale`() {
        var ledger = DemoLedger()
        ledger.see(7, version: 1, at: time(5))
        ledger.commit(7, at: time(6))
        #expect(ledger.isComplete)
        #expect(ledger.staleness.max == .zero)
        #expect(ledger.takeRecentStaleness().count == 1)
        #expect(ledger.takeRecentStaleness().count == 0)
    }
}
