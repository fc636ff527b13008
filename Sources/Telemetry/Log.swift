import FoundationEssentials

/// Writes what happens, one line each, from any thread.
///
/// A log is a value that carries fields: `log.with("outbox", name)` says them on each line. Values
/// and messages are bounded to 1 kB and their control characters escaped. A line that the
/// reader of standard error does not take at once is dropped and counted.
package struct Log: Sendable {
    private let output: LogOutput
    private var fields: [LogField] = []

    /// A log that hands each line, without its end, to the closure.
    package init(
        level: LogLevel = .info,
        format: LogFormat = .logfmt,
        write: @escaping @Sendable (String) -> Void
    ) {
        output = LogOutput(level: level, format: format, isJournal: false, write: write)
    }

    private init(output: LogOutput) { self.output = output }

    /// The process's own log; `SIGPIPE` is ignored from now on, so that a reader may go away.
    package static func standardError(
        level: LogLevel = .info,
        format: LogFormat = .logfmt
    ) -> Log {
        let stream = StandardErrorStream()
        let output = LogOutput(
            level: level,
            format: format,
            isJournal: stream.isJournal,
            write: { stream.write($0) }
        )
        return Log(output: output)
    }

    /// A log that says nothing.
    package static let silent = Log(level: .error, write: { _ in })

    /// The least level that is written.
    ///
    /// Changing it changes every log that was derived from the same one.
    package var level: LogLevel {
        get { output.level }
        nonmutating set { output.level = newValue }
    }

    /// The same log with one more field on each line; a field of the same name is replaced.
    package func with(_ name: String, _ value: any CustomStringConvertible) -> Log {
        var log = self
        log.fields = fields.filter { $0.name != name } + [LogField(name, value)]
        return log
    }

    package func debug(_ message: @autoclosure () -> String, _ fields: LogFields = [:]) {
        write(.debug, message, fields)
    }

    package func info(_ message: @autoclosure () -> String, _ fields: LogFields = [:]) {
        write(.info, message, fields)
    }

    package func notice(_ message: @autoclosure () -> String, _ fields: LogFields = [:]) {
        write(.notice, message, fields)
    }

    package func warning(_ message: @autoclosure () -> String, _ fields: LogFields = [:]) {
        write(.warning, message, fields)
    }

    package func error(_ message: @autoclosure () -> String, _ fields: LogFields = [:]) {
        write(.error, message, fields)
    }

    private func write(_ level: LogLevel, _ message: () -> String, _ fields: LogFields) {
        guard level >= output.level else { return }
        let own = fields.map { LogField($0.key, $0.value) }
        let line = LogLine(
            at: Date(),
            level: level,
            message: message(),
            fields: self.fields + own
        )
        output.write(line)
    }
}

/// The fields of one line, in order: `["lanes": 4, "table": name]`.
package typealias LogFields = KeyValuePairs<String, any CustomStringConvertible>
