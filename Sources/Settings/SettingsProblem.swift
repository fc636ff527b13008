/// One thing that is wrong with the configuration.
///
/// Never holds a value from it: it may be a secret.
package struct SettingsProblem: Sendable, Hashable, CustomStringConvertible {
    package let location: SettingsLocation
    /// The key, as in `outboxes[1].retry.first`; empty when the file itself is at fault.
    package let path: String
    package let message: String
    /// What was probably meant.
    package let suggestion: String?

    package init(
        at location: SettingsLocation,
        path: String,
        message: String,
        suggestion: String? = nil
    ) {
        self.location = location
        self.path = path
        self.message = message
        self.suggestion = suggestion
    }

    package var file: String { location.file }
    package var line: Int { location.line }
    package var column: Int { location.column }

    package var description: String {
        let key = path.isEmpty ? "" : "\(path): "
        let hint = suggestion.map { "; did you mean \($0)?" } ?? ""
        return "\(location): \(key)\(message)\(hint)"
    }
}

/// Everything that is wrong with a configuration, in the order of its files and lines.
package struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    package let problems: [SettingsProblem]

    package init(_ problems: [SettingsProblem]) {
        self.problems = problems
    }

    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
