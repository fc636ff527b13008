import Messaging
import Settings
import Testing

/// Durations, sizes and near misses, as configuration writes them.
struct SettingsTextTests {
    @Test(
        arguments: [
            ("500ms", .milliseconds(500)), ("30s", .seconds(30)), ("5m", .seconds(300)),
            ("2h", .seconds(7_200)), ("7d", .seconds(604_800)), ("0s", .zero),
            ("1ms", .milliseconds(1)),
        ] as [(String, Duration)]
    )
    func `a duration goes there and back`(_ text: String, _ duration: Duration) {
        #expect(DurationText.parse(text) == duration)
        #expect(DurationText.text(duration) == text)
    }

    @Test(arguments: [
        "", "5", "s", "-5s", "+5s", "5 s", "1.5s", "5S", "5m30s", "٥s", "5us",
        "9999999999999999999s", "9223372036854775807d",
    ])
    func `what is no duration is none`(_ text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: [
        ("512B", 512), ("10KiB", 10_240), ("64MiB", 67_108_864), ("1GiB", 1_073_741_824), ("0B", 0),
    ])
    func `a size goes there and back`(_ text: String, _ bytes: Int) {
        #expect(ByteSizeText.parse(text) == ByteSize(bytes: bytes))
        #expect(ByteSize(bytes: bytes).description == text)
    }

    @Test(arguments: ["", "5", "MiB", "64MB", "64mib", "-1B", "1.5MiB", "9223372036854775807GiB"])
    func `what is no size is none`(_ text: String) {
        #expect(ByteSizeText.parse(text) == nil)
    }

    @Test func `durations come back from their text`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<1_000 {
            let milliseconds = Int64.random(
                in: 0...1 << Int64.random(in: 0...50),
                using: &generator
            )
            let duration = Duration.milliseconds(milliseconds)
            #expect(DurationText.parse(DurationText.text(duration)) == duration, "seed \(seed)")
        }
    }

    @Test(arguments: [
        ("tabel", "table"), ("colums", "columns"), ("on-failure", "on_failure"), ("lane", "lanes"),
        ("sorce", "source"), ("nmae", "name"), ("xyz", nil), ("", nil), ("databases", nil),
    ])
    func `the nearest name is near`(_ name: String, _ nearest: String?) {
        let known = ["name", "table", "columns", "on_failure", "lanes", "source", "topic"]
        #expect(NearestName.find(name, among: known) == nearest)
    }

    @Test(arguments: [
        ("127.0.0.1:9187", "127.0.0.1"), ("[::1]:9187", "::1"), ("localhost:9187", "localhost"),
        (":9187", nil), ("9187", nil), ("::1:9187", nil), ("host:0", nil), ("host:65536", nil),
    ])
    func `an address is a host and a port`(_ text: String, _ host: String?) {
        let address = ListenAddress(text)
        #expect(address?.host == host)
        #expect(address.map(\.description) == host.map { _ in text })
    }
}
