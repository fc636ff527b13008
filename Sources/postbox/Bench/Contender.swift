import FoundationEssentials
import Kafka
import Threads

/// What drains the table: the daemon, or the floor that keeps no promise.
enum Contender: Sendable {
    case daemon
    case floor(String)

    var name: String {
        switch self {
        case .daemon: "postbox"
        case .floor: "floor"
        }
    }

    func start(on stage: Stage) throws -> RunningContender {
        switch self {
        case .daemon: return .daemon(try stage.startDaemon())
        case .floor(let path):
            var arguments = [
                path, "--database", stage.database.conninfo, "--brokers",
                stage.broker.cluster.brokers.joined(separator: ","),
            ]
            if stage.broker.isBuiltIn { arguments += ["--max-in-flight", "1"] }
            return .floor(try ChildProcess(arguments, options: .collecting))
        }
    }
}

/// A contender at work.
enum RunningContender: Sendable {
    case daemon(StageDaemon)
    case floor(ChildProcess)

    /// What a process has taken in its life.
    struct Cost: Sendable {
        var processorTime: Duration
        var peakBytes: Int64
    }

    /// Throws when it has ended in another way than it should.
    func check() throws {
        switch self {
        case .daemon(let daemon): try daemon.check()
        case .floor(let child):
            guard let status = child.exitStatus, !status.isSuccess else { return }
            throw BenchError.floorFailed(status, said: child.errors?.text ?? "")
        }
    }

    /// Ends it, and says what it has cost.
    func finish() throws -> Cost {
        switch self {
        case .daemon(let daemon):
            let figures = ProcessFigures(ofProcess: daemon.pid)
            daemon.stop()
            return Cost(
                processorTime: figures?.processorTime ?? .zero,
                peakBytes: Int64(figures?.peakResidentBytes ?? 0)
            )
        case .floor(let child): return try Self.cost(ofFloor: child)
        }
    }

    /// Ends it after a failure.
    func abandon() {
        switch self {
        case .daemon(let daemon): daemon.stop()
        case .floor(let child): child.stop()
        }
    }

    private static func cost(ofFloor child: ChildProcess) throws -> Cost {
        let status = child.waitForExit(timeout: .seconds(60))
        _ = child.output?.waitForEnd(timeout: .seconds(10))
        let line = Data((child.output?.text ?? "").utf8)
        guard let status, status.isSuccess,
            let report = try? JSONDecoder().decode(FloorReport.self, from: line)
        else { throw BenchError.floorFailed(status, said: child.errors?.text ?? "") }
        return Cost(
            processorTime: .seconds(report.user_seconds + report.system_seconds),
            peakBytes: report.max_rss_kib * 1024
        )
    }
}

/// The line that the floor program prints, in its words.
private struct FloorReport: Decodable {
    let user_seconds: Double
    let system_seconds: Double
    let max_rss_kib: Int64
}
