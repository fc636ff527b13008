import Settings
import Telemetry

extension Log {
    /// The log of the process as the configuration wants it.
    static func standardError(_ settings: LogSettings) -> Log {
        standardError(level: settings.level.logged, format: settings.format.logged)
    }
}

extension LogSettings.Level {
    fileprivate var logged: LogLevel {
        switch self {
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}

extension LogSettings.Format {
    fileprivate var logged: LogFormat {
        switch self {
        case .logfmt: .logfmt
        case .json: .json
        }
    }
}
