import FoundationEssentials
import Glibc
import Kafka

/// Where a benchmark ran.
package struct BenchMachine: Sendable, Encodable {
    package var processor: String
    package var cores: Int
    package var memoryBytes: Int64
    package var kernel: String
    package var postgres: String
    package var librdkafka: String
    package var postbox: String
    /// How many processes wanted to run in the minute before: others disturb a measurement.
    package var loadBefore: Double

    package init(
        processor: String,
        cores: Int,
        memoryBytes: Int64,
        kernel: String,
        postgres: String,
        librdkafka: String,
        postbox: String,
        loadBefore: Double
    ) {
        self.processor = processor
        self.cores = cores
        self.memoryBytes = memoryBytes
        self.kernel = kernel
        self.postgres = postgres
        self.librdkafka = librdkafka
        self.postbox = postbox
        self.loadBefore = loadBefore
    }

    /// This machine, with the version of the server that was asked.
    static func here(postgres: String, loadBefore: Double) -> BenchMachine {
        var system = utsname()
        uname(&system)
        let pages = Int64(sysconf(Int32(_SC_PHYS_PAGES)))
        return BenchMachine(
            processor: processorName(),
            cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
            memoryBytes: pages * Int64(sysconf(Int32(_SC_PAGESIZE))),
            kernel: withUnsafeBytes(of: system.release) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            },
            postgres: postgres,
            librdkafka: librdkafkaVersion,
            postbox: postboxVersion,
            loadBefore: loadBefore
        )
    }

    /// The load of this machine over the last minute.
    static func load() -> Double {
        let text = try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)
        return text?.split(separator: " ").first.flatMap { Double($0) } ?? 0
    }

    private static func processorName() -> String {
        let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? "unknown"
    }
}
