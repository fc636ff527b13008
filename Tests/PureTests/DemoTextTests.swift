import Telemetry
import Testing
import postbox

/// What the demo shows, as golden text.
struct DemoTextTests {
    private var summary: DemoSummary {
        var verdict = DemoVerdict()
        verdict.committed = 19_984
        verdict.applied = 19_984
        var summary = DemoSummary(verdict: verdict, seconds: 10)
        summary.tally.transactions = 6_812
        summary.tally.rolledBack = 169
        summary.tally.late = 41
        summary.tally.repeated = 402
        summary.staleness.record(microseconds: 4_500, count: 98)
        summary.staleness.record(microseconds: 19_000, count: 2)
        summary.sample = "delivery 7: 3 of product 7 at 42.80 = 128.40, from delivery's own tables"
        summary.peakBytes = 29_800_000
        return summary
    }

    @Test func `the summary says what was changed, what was applied and how stale it was`() {
        #expect(
            summary.lines == [
                "",
                "Committed  19,984 product changes in 6,812 transactions of 10s, 1,998/s",
                "           41 of them late, after later ids had been published; 169 rolled back",
                "Repeated   402 messages written twice on purpose",
                "Applied    19,984: 0 lost, 0 applied twice, 0 out of order, 0 products different",
                "Staleness  p50 4.5 ms, p99 19.0 ms, from the products' commit to delivery's query",
                "Query      delivery 7: 3 of product 7 at 42.80 = 128.40, from delivery's own tables",
                "Daemon     at most 28.4 MiB of memory",
                "",
                "All that was committed was applied exactly once, each product in order.",
            ]
        )
        #expect(summary.isGood)
    }

    @Test func `a summary that is not well says why`() {
        var summary = summary
        summary.verdict.lost = 2
        summary.leftInOutbox = 3
        summary.leftInTopic = 4
        summary.deadLetters = 1
        summary.daemonEndedWell = false
        #expect(!summary.isGood)
        #expect(
            summary.lines.last
                == "NOT WELL: 2 lost, 0 applied twice, 0 out of order, 0 products different; "
                + "3 left in the outbox; 4 left in the topic; 1 dead letters; "
                + "the daemon did not end well."
        )
    }

    @Test(arguments: [
        \DemoVerdict.lost, \DemoVerdict.surplus, \DemoVerdict.outOfOrder, \DemoVerdict.different,
    ])
    func `loss, repetition, disorder or another state spoils a run`(
        _ fault: any WritableKeyPath<DemoVerdict, Int> & Sendable
    ) {
        var summary = summary
        summary.verdict[keyPath: fault] = 1
        #expect(!summary.isGood)
    }

    @Test func `a second is a line below its header`() {
        var staleness = LatencyHistogram()
        staleness.record(microseconds: 2_000, count: 1_000)
        let line = DemoScreen.second(
            3,
            committed: 6_002,
            applied: 5_990,
            appliedBefore: 3_990,
            staleness: staleness
        )
        let header =
            "  TIME  COMMITTED    APPLIED   BEHIND       RATE   STALE P50   STALE P99"
        #expect(DemoScreen.header == header)
        #expect(
            line == "    3s      6,002      5,990       12    2,000/s      2.0 ms      2.0 ms"
        )
    }

    @Test func `a second without a change has no staleness`() {
        let line = DemoScreen.second(
            1,
            committed: 0,
            applied: 0,
            appliedBefore: 0,
            staleness: LatencyHistogram()
        )
        #expect(line == "    1s          0          0        0        0/s           -           -")
    }
}
