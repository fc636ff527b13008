import Synchronization

/// Keeps the lines of a log in memory, for tests.
package final class LogRecorder: Sendable {
    private let kept = Mutex<[String]>([])

    package init() {}

    /// The lines so far.
    package var lines: [String] { kept.withLock { $0 } }

    /// A log whose lines this recorder keeps.
    package func log(level: LogLevel = .debug, format: LogFormat = .logfmt) -> Log {
        Log(level: level, format: format) { line in self.kept.withLock { $0.append(line) } }
    }
}
