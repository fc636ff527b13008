import Testing
import postbox

/// What the benchmark prints, and the ratios in it.
struct BenchSheetTests {
    private func figures(_ contender: String, rate: Double) -> DrainFigures {
        DrainFigures(
            contender: contender,
            rows: 1_000_000,
            consumedSeconds: 1_000_000 / rate,
            settledSeconds: 1_000_000 / rate,
            ownMicroseconds: 2.9,
            postgresMicroseconds: 5.1,
            brokerMicroseconds: nil,
            insertLogBytes: 400,
            drainLogBytes: 80,
            peakBytes: 30 << 20,
            rowsPerBatch: 990,
            recordsPerRequest: nil,
            verdict: DeliveryVerdict(committed: 1_000_000, arrived: 1_000_000)
        )
    }

    private var report: BenchReport {
        var report = BenchReport(
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
            payloadBytes: 200
        )
        report.floor = [figures("floor", rate: 100_000), figures("floor", rate: 120_000)]
        report.ours = [figures("postbox", rate: 90_000), figures("postbox", rate: 97_000)]
        report.heldSnapshot = [figures("postbox", rate: 92_000)]
        return report
    }

    @Test func `ratios are those of the medians`() throws {
        let ratio = try #require(report.ratioToFloor)
        #expect(abs(ratio - 0.85) < 0.000_1)
        let held = try #require(report.ratioOfHeldSnapshot)
        #expect(abs(held - 92_000.0 / 93_500) < 0.000_1)
    }

    @Test func `without a floor there is no ratio to it`() {
        var report = report
        report.floor = []
        #expect(report.ratioToFloor == nil)
        #expect(!BenchSheet(report).lines.contains { $0.hasPrefix("Ratio") })
    }

    @Test func `the sheet names machine, versions, settings and its own check`() {
        let lines = BenchSheet(report).lines
        #expect(lines[0] == "Machine    A processor, 2 cores, 8.0 GiB, Linux 6.1, load 0.3 before")
        #expect(lines[1] == "Versions   postbox 0.1.0, PostgreSQL 15.9, librdkafka 2.0.2")
        #expect(lines[3] == "Settings   shared_buffers=512MB")
        #expect(lines.contains("Ratio      85.0 % of the floor's rate"))
        #expect(
            lines.last
                == "Checked    5,000,000 messages, 0 lost, 0 never committed, 0 out of order, "
                + "0 repeated"
        )
    }

    @Test(
        arguments: [
            ([], nil), ([3], 3), ([9, 1], 5), ([9, 1, 2], 2), ([4, 3, 2, 1], 2.5),
        ] as [([Double], Double?)]
    )
    func `the median stands in the middle`(_ values: [Double], _ middle: Double?) {
        #expect(median(values) == middle)
    }
}
