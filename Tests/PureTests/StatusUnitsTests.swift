import Testing
import postbox

/// Figures as people read them.
struct StatusUnitsTests {
    @Test(
        arguments: [
            (0, "0"), (999, "999"), (1000, "1,000"), (99_999, "99,999"), (100_000, "100 k"),
            (999_499, "999 k"), (999_500, "1.0 M"), (1_234_567, "1.2 M"),
            (45_000_000_000, "45.0 G"), (-1234, "-1,234"),
            (.max, "9,223,372,037 G"), (.min, "-9,223,372,036,854,775,808"),
        ] as [(Int64, String)]
    )
    func `counts keep their digits while they are few`(count: Int64, text: String) {
        #expect(HumanUnits.count(count) == text)
    }

    @Test(
        arguments: [
            (0, "0s"), (0.04, "0.0s"), (0.42, "0.4s"), (9.94, "9.9s"), (9.95, "10s"), (59.4, "59s"),
            (59.6, "1m 0s"), (3599.4, "59m 59s"), (7500, "2h 5m"), (86_400, "1d 0h"),
            (-3, "0s"), (.infinity, "0s"), (.nan, "0s"),
        ] as [(Double, String)]
    )
    func `spans have two units at most`(seconds: Double, text: String) {
        #expect(HumanUnits.span(seconds: seconds) == text)
    }

    @Test(
        arguments: [
            (0, "0/s"), (0.04, "0.0/s"), (0.25, "0.3/s"), (9.94, "9.9/s"), (9.96, "10/s"),
            (8214.4, "8,214/s"), (123_400, "123 k/s"), (.nan, "0/s"), (1e300, "9,223,372,037 G/s"),
        ] as [(Double, String)]
    )
    func `rates show a trickle too`(rate: Double, text: String) {
        #expect(HumanUnits.rate(rate) == text)
    }

    @Test(
        arguments: [
            (0, "0 ms"), (0.4, "0.40 ms"), (0.004, "0.00 ms"), (0.996, "1.0 ms"), (8.74, "8.7 ms"),
            (312.4, "312 ms"), (999.4, "999 ms"), (999.5, "1.0s"), (12_000, "12s"),
        ] as [(Double, String)]
    )
    func `latencies are milliseconds until they are seconds`(latency: Double, text: String) {
        #expect(HumanUnits.latency(milliseconds: latency) == text)
    }

    @Test(
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (200_000, "195 KiB"),
            (29_800_000, "28.4 MiB"), (5 << 30, "5.0 GiB"),
        ] as [(Int64, String)]
    )
    func `bytes are counted in powers of two`(bytes: Int64, text: String) {
        #expect(HumanUnits.bytes(bytes) == text)
    }
}
