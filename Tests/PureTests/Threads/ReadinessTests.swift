import Testing
import Threads

struct ReadinessTests {
    @Test func `a signal given before the wait is not lost, and lasts until it is cleared`() {
        let wake = WakeSignal()
        #expect(!wake.isRaised)
        wake.signal()
        wake.signal()
        #expect(wake.isRaised)
        #expect(wake.isRaised)
        wake.clear()
        #expect(!wake.isRaised)
    }

    @Test func `a wait ends when another thread signals`() {
        let wake = WakeSignal()
        startThread(named: "signaller") { wake.signal() }
        var watched = [PollDescriptor(wake.descriptor, .readable)]
        #expect(waitForReadiness(&watched, timeout: nil) == 1)
        #expect(watched[0].ready == .readable)
    }

    @Test func `a wait tells which of several is ready, and passes over a negative one`() {
        let (quiet, raised) = (WakeSignal(), WakeSignal())
        raised.signal()
        var watched = [
            PollDescriptor(quiet.descriptor, .readable),
            PollDescriptor(-1, .readable),
            PollDescriptor(raised.descriptor, [.readable, .writable]),
        ]
        #expect(waitForReadiness(&watched, timeout: .seconds(10)) == 1)
        #expect(watched.map(\.isReady) == [false, false, true])
        #expect(watched[2].ready == [.readable, .writable])
    }

    @Test func `a wait of less than a millisecond lasts at least as long and ends`() {
        let wake = WakeSignal()
        var watched = [PollDescriptor(wake.descriptor, .readable)]
        let start = MonotonicTime.now
        #expect(waitForReadiness(&watched, timeout: .microseconds(200)) == 0)
        #expect(MonotonicTime.now - start >= .microseconds(200))
    }

    @Test func `a closed descriptor is ready, for the read that follows says why`() {
        var watched = [PollDescriptor(1_000_000, .readable)]
        #expect(waitForReadiness(&watched, timeout: .seconds(10)) == 1)
        #expect(watched[0].ready == .readable)
    }
}

struct MonotonicTimeTests {
    @Test(arguments: [
        (Duration.zero, Int64(0)), (.nanoseconds(-1), -1), (.milliseconds(1), 1_000_000),
        (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
    ])
    func `a duration is whole nanoseconds, held at the ends`(span: Duration, expected: Int64) {
        #expect(span.nanoseconds == expected)
    }

    @Test func `time adds and subtracts, and what has passed has nothing remaining`() {
        let time = MonotonicTime(nanosecondsSinceBoot: 1_000)
        #expect((time + .microseconds(1)) - time == .microseconds(1))
        #expect(time < time + .nanoseconds(1))
        #expect(time.remaining == .zero)
        #expect((MonotonicTime.now + .seconds(100)).remaining > .seconds(90))
    }
}

struct ProcessFiguresTests {
    @Test func `this process has a size, a peak at least as large, and time spent`() throws {
        let figures = try #require(ProcessFigures.current())
        #expect(figures.residentBytes > 1 << 20)
        #expect(figures.peakResidentBytes >= figures.residentBytes)
        #expect(figures.processorTime >= .zero)
        #expect(figures.threadCount >= 1)
    }

    @Test func `there are no figures of a process that is not there`() {
        #expect(ProcessFigures(ofProcess: Int32.max) == nil)
    }
}
