import Settings

/// What `check` has found, in the order it was found.
struct CheckReport {
    private(set) var findings: [CheckFinding] = []
    /// What is well, in words.
    private(set) var digest: [String] = []
    private let locations: SettingsLocations

    init(_ locations: SettingsLocations) {
        self.locations = locations
    }

    var problems: [CheckFinding] { findings.filter { $0.severity == .problem } }
    var warnings: [CheckFinding] { findings.filter { $0.severity == .warning } }

    /// Adds what is wrong with the key of that path; the same is said once.
    mutating func add(
        _ severity: CheckFinding.Severity,
        at path: String,
        _ message: String
    ) {
        let finding = CheckFinding(severity, path: path, at: locations[path], message)
        if !findings.contains(finding) { findings.append(finding) }
    }

    mutating func note(_ line: String) {
        digest.append(line)
    }

    /// Problems first, then warnings, then one line that says how many; or what is well.
    var lines: [String] {
        guard !findings.isEmpty else { return digest + ["no problems"] }
        return (problems + warnings).map(\.description) + [summary]
    }

    private var summary: String {
        [(problems.count, "problem"), (warnings.count, "warning")]
            .filter { $0.0 > 0 }
            .map { count, noun in "\(count) \(noun)\(count == 1 ? "" : "s")" }
            .joined(separator: ", ")
    }
}

/// One thing that PostgreSQL or Kafka has against the configuration.
struct CheckFinding: Encodable, Hashable, CustomStringConvertible {
    enum Severity: String, Encodable {
        /// Something will not work.
        case problem
        /// It will work, but perhaps not as it is meant.
        case warning
    }

    let severity: Severity
    let file: String
    let line: Int
    let column: Int
    /// The key, as in `outboxes[1].table`.
    let path: String
    let message: String

    init(
        _ severity: Severity,
        path: String,
        at place: SettingsLocation,
        _ message: String
    ) {
        self.severity = severity
        file = place.file
        line = place.line
        column = place.column
        self.path = path
        self.message = message
    }

    var description: String {
        let kind = severity == .warning ? "warning: " : ""
        return "\(file):\(line):\(column): \(kind)\(path): \(message)"
    }
}
