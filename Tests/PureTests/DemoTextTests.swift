import Telemetry
import Testing
import postbox

/// What the demo shows, as golden text.
struct DemoTextTests {
    private var summary: DemoSummary {
        var summary = DemoSummary(
            verdict: DeliveryVerdict(committed: 19_984, arrived: 19_984),
            seconds: 10
        )
        summary.tally.transactions = 6_812
        summary.tally.rolledBack = 169
        summary.tally.late = 41
        summary.latencies.record(microseconds: 1_500, count: 98)
        summary.latencies.record(microseconds: 9_000, count: 2)
        summary.peakBytes = 29_800_000
        return summary
    }

    @Test func `the summary says what was written, what arrived and how fast`() {
        #expect(
            summary.lines == [
                "",
                "Written    19,984 messages in 6,812 transactions of 10s, 1,998/s",
                "Committed  41 of them late, after later ids had been published; 169 rolled back",
                "Arrived    19,984: 0 lost, 0 never committed, 0 out of order, 0 repeated",
                "Latency    p50 1.5 ms, p99 9.0 ms, from commit to consumer",
                "Daemon     at most 28.4 MiB of memory",
                "",
                "All that was committed has arrived, each key in order.",
            ]
        )
        #expect(summary.isGood)
    }

    @Test func `a summary that is not well says why`() {
        var summary = summary
        summary.verdict.lost = 2
        summary.leftInOutbox = 3
        summary.deadLetters = 1
        summary.daemonEndedWell = false
        #expect(!summary.isGood)
        #expect(
            summary.lines.last
                == "NOT WELL: 2 lost, 0 never committed, 0 out of order, 0 repeated; "
                + "3 left in the outbox; 1 dead letters; the daemon did not end well."
        )
    }

    @Test(arguments: [
        \DeliveryVerdict.lost, \DeliveryVerdict.swapped, \DeliveryVerdict.phantom,
    ])
    func `loss, a swap or a phantom spoils a run`(
        _ fault: any WritableKeyPath<DeliveryVerdict, Int> & Sendable
    ) {
        var summary = summary
        summary.verdict[keyPath: fault] = 1
        #expect(!summary.isGood)
    }

    @Test func `repetitions alone do not spoil a run`() {
        var summary = summary
        summary.verdict.repeated = 500
        #expect(summary.isGood)
    }

    @Test func `a second is a line below its header`() {
        var latencies = LatencyHistogram()
        latencies.record(microseconds: 2_000, count: 1_000)
        let line = DemoScreen.second(
            3,
            verdict: DeliveryVerdict(committed: 6_002, arrived: 5_990, lost: 12),
            arrivedBefore: 3_990,
            latencies: latencies
        )
        let header =
            "  TIME    WRITTEN    ARRIVED  BACKLOG       RATE       P50       P99"
        #expect(DemoScreen.header == header)
        #expect(
            line == "    3s      6,002      5,990       12    2,000/s    2.0 ms    2.0 ms"
        )
    }

    @Test func `a second without a message has no latency`() {
        let line = DemoScreen.second(
            1,
            verdict: DeliveryVerdict(committed: 0, arrived: 0),
            arrivedBefore: 0,
            latencies: LatencyHistogram()
        )
        #expect(line == "    1s          0          0        0        0/s         -         -")
    }
}
