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

    /// This machine, and the server of the stage.
    static func here(on stage: Stage, loadBefore: Double) throws -> BenchMachine {
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
            postgres: try stage.database.serverVersion(),
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

extension BenchMachine {
    /// The head of every benchmark's sheet.
    func lines(broker: String, settings: [String: String]) -> [String] {
        let load = (loadBefore * 10).rounded() / 10
        let settings = settings.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }
            .joined(separator: " ")
        return [
            "Machine    \(processor), \(cores) cores, \(HumanUnits.bytes(memoryBytes)), "
                + "Linux \(kernel), load \(load) before",
            "Versions   postbox \(postbox), PostgreSQL \(postgres), librdkafka \(librdkafka)",
            "Broker     \(broker)",
            "Settings   \(settings)",
        ]
    }
}
