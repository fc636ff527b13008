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

    package init(
        processor: String,
        cores: Int,
        memoryBytes: Int64,
        kernel: String,
        postgres: String,
        librdkafka: String,
        postbox: String
    ) {
        self.processor = processor
        self.cores = cores
        self.memoryBytes = memoryBytes
        self.kernel = kernel
        self.postgres = postgres
        self.librdkafka = librdkafka
        self.postbox = postbox
    }

    /// This machine, with the version of the server that was asked.
    static func here(postgres: String) -> BenchMachine {
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
            postbox: postboxVersion
        )
    }

    private static func processorName() -> String {
        let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? "unknown"
    }
}
