/// What is logged, and how.
package struct LogSettings: Sendable, Hashable {
    package enum Level: String, Sendable, Hashable, CaseIterable {
        case debug
        case info
        case notice
        case warning
        case error
    }

    package enum Format: String, Sendable, Hashable, CaseIterable {
        case logfmt
        case json
    }

    package let level: Level
    package let format: Format

    init(reader: SettingsReader) {
        level = reader.choice("level", of: Level.self)
        format = reader.choice("format", of: Format.self)
    }
}
