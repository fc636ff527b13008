import FoundationEssentials
import Glibc
import TestKit
import Threads

/// The built program under test.
///
/// `POSTBOX_BINARY` names it; else it is the shipped build, or the debug build beside the tests.
enum PostboxBinary {
    static let path =
        [named, "\(FileManager.default.currentDirectoryPath)/.build/release/postbox"]
        .compactMap(\.self)
        .first { access($0, X_OK) == 0 } ?? besideTests

    /// Runs a command to its end.
    static func run(
        _ words: [String],
        environment: [String: String] = [:]
    ) async throws -> ChildProcessResult {
        var options = ChildProcessOptions()
        options.added = environment
        let started = options
        return try await blocking {
            Result { try ChildProcess.run([path] + words, options: started, timeout: .seconds(60)) }
        }.get()
    }

    /// Starts a command that goes on until it is ended.
    static func start(
        _ words: [String],
        environment: [String: String] = [:]
    ) throws -> ChildProcess {
        var options = ChildProcessOptions.collecting
        options.added = environment
        return try ChildProcess([path] + words, options: options)
    }

    private static var named: String? {
        getenv("POSTBOX_BINARY").map { String(cString: $0) }
    }

    private static var besideTests: String {
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? ""
        let folder = bundle[..<(bundle.firstRange(of: ".xctest")?.lowerBound ?? bundle.endIndex)]
        return folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)] + "/postbox"
    }
}

extension ChildProcessResult {
    var code: Int32? {
        if case .exited(let code) = status { code } else { nil }
    }

    /// The last line of the results.
    var lastLine: Substring { output.split(separator: "\n").last ?? "" }
}
