import Testing
import postbox

/// What the benchmark of an inbox prints, and the ratios in it.
struct InboxBenchSheetTests {
    private func figures(
        _ contender: String,
        _ repeats: RepeatShare,
        rate: Double
    ) -> ApplyFigures {
        ApplyFigures(
            contender: contender,
            repeats: repeats,
            messages: 1_000_000,
            rate: rate,
            ownMicroseconds: 2.9,
            postgresMicroseconds: 11.2,
            brokerMicroseconds: nil,
            logBytes: 420.4,
            peakBytes: 30 << 20
        )
    }

    private var report: InboxBenchReport {
        var report = InboxBenchReport(
            machine: BenchMachine(
                processor: "A processor",
                cores: 2,
                memoryBytes: 8 << 30,
                kernel: "6.1",
                postgres: "15.9",
                librdkafka: "2.0.2",
                postbox: "0.1.0",
                loadBefore: 0.26
            ),
            broker: "Kafka at localhost:9092",
            settings: ["shared_buffers": "512MB"],
            payloadBytes: 200,
            lanes: 2
        )
        report.runs = [
            figures("floor", .all, rate: 120_000),
            figures("floor", .none, rate: 70_000),
            figures("floor", .none, rate: 90_000),
            figures("batch_function", .none, rate: 60_000),
            figures("function", .none, rate: 20_000),
        ]
        return report
    }

    @Test func `ratios are those of the medians, with as many repeats`() {
        #expect(report.ratioToFloor(of: "batch_function", .none) == 0.75)
        #expect(report.ratioToFloor(of: "function", .none) == 0.25)
        #expect(report.ratioToFloor(of: "batch_function", .all) == nil)
        #expect(report.ratioToFloor(of: "floor", .none) == nil)
    }

    @Test func `the sheet has a line for each run, by the share of repeats`() {
        let lines = InboxBenchSheet(report).lines
        #expect(lines[0] == "Machine    A processor, 2 cores, 8.0 GiB, Linux 6.1, load 0.3 before")
        #expect(lines[4] == "Inbox      lanes: 2, payloads of 200 B")
        #expect(lines[6].hasPrefix("REPEATS  APPLIED BY"))
        let cells = lines[9].split(separator: "  ", omittingEmptySubsequences: true)
            .map { $0.trimmingPrefix(" ") }
        #expect(
            cells == [
                "0 %", "batch_function", "1,000,000", "60,000/s", "75.0 %", "2.9 µs", "11.2 µs",
                "-", "420 B", "30.0 MiB",
            ]
        )
        #expect(lines[11].contains("100 %  floor"))
        #expect(
            lines.last
                == "Checked    5,000,000 messages, each applied once: "
                + "the sum of every key is exact after each run"
        )
    }

    @Test(arguments: [(RepeatShare.none, 7), (.half, 4), (.all, 7)])
    func `repeats are not counted among the different messages`(
        _ repeats: RepeatShare,
        _ count: Int
    ) {
        #expect(repeats.distinct(among: 7) == count)
    }
}
