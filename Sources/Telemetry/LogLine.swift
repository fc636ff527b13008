import FoundationEssentials

/// One line of the log before it is written.
struct LogLine {
    let at: Date
    let level: LogLevel
    let message: String
    let fields: [LogField]

    /// A pipe takes lines of up to 4,096 bytes whole, so that those of two threads never mix;
    /// this leaves room for a journal prefix, the end of the line and the mark of omission.
    private static let limit = 4000

    init(at: Date, level: LogLevel, message: String, fields: [LogField]) {
        self.at = at
        self.level = level
        self.message = message
        self.fields = fields
    }

    func text(_ format: LogFormat) -> String {
        switch format {
        case .logfmt: logfmt
        case .json: json
        }
    }

    private var logfmt: String {
        let head = "ts=\(timestamp) level=\(level.rawValue) msg=\(LogText.logfmtValue(message))"
        return joined(head, omission: " truncated=true") { field in
            switch field.value {
            case .bare(let value): " \(field.name)=\(value)"
            case .text(let value): " \(field.name)=\(LogText.logfmtValue(value))"
            }
        }
    }

    private var json: String {
        let head =
            "{\"ts\":\"\(timestamp)\",\"level\":\"\(level.rawValue)\""
            + ",\"msg\":\(LogText.quoted(message))"
        return joined(head, omission: ",\"truncated\":true") { field in
            switch field.value {
            case .bare(let value): ",\(LogText.quoted(field.name)):\(value)"
            case .text(let value): ",\(LogText.quoted(field.name)):\(LogText.quoted(value))"
            }
        } + "}"
    }

    /// The head and as many fields as the line has room for.
    private func joined(
        _ head: String,
        omission: String,
        _ written: (LogField) -> String
    ) -> String {
        var line = head
        for field in fields {
            let next = written(field)
            guard line.utf8.count + next.utf8.count <= Self.limit else { return line + omission }
            line += next
        }
        return line
    }

    /// The moment by RFC 3339, in UTC, to the millisecond.
    private var timestamp: String {
        at.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
