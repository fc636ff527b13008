import Telemetry
import Testing

struct RateMeterTests {
    private let start = ContinuousClock.now

    @Test func `a steady stream is seen at its rate`() {
        var meter = RateMeter(startedAt: start)
        for tick in 0..<300 { meter.record(10, at: start + .milliseconds(100 * tick)) }
        #expect(abs(meter.rate(at: start + .seconds(30)) - 100) < 2)
    }

    @Test func `a young meter does not exaggerate`() {
        var meter = RateMeter(startedAt: start)
        meter.record(50, at: start + .milliseconds(1))
        #expect(meter.rate(at: start + .milliseconds(2)) == 50)
        #expect(meter.rate(at: start + .seconds(5)) == 10)
    }

    @Test func `what is older than ten seconds is forgotten`() {
        var meter = RateMeter(startedAt: start)
        meter.record(1000, at: start)
        #expect(meter.rate(at: start + .milliseconds(9900)) > 90)
        #expect(meter.rate(at: start + .milliseconds(10_100)) == 0)
        #expect(meter.rate(at: start + .seconds(100_000)) == 0)
    }

    @Test func `a moment in the past counts as now`() {
        var meter = RateMeter(startedAt: start)
        meter.record(10, at: start + .seconds(20))
        meter.record(10, at: start + .seconds(2))
        #expect(meter.rate(at: start + .seconds(20)) > 1.9)
    }
}
