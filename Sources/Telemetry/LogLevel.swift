/// How much a line of the log matters; `debug` is the least.
package enum LogLevel: String, CaseIterable, Comparable, Sendable {
    case debug, info, notice, warning, error

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

    var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .notice: 2
        case .warning: 3
        case .error: 4
        }
    }

    /// The level as systemd's journal reads it at the head of a line.
    var journalPrefix: String {
        switch self {
        case .debug: "<7>"
        case .info: "<6>"
        case .notice: "<5>"
        case .warning: "<4>"
        case .error: "<3>"
        }
    }
}

/// How a line of the log is written.
package enum LogFormat: String, CaseIterable, Sendable {
    case logfmt, json
}
