import Messaging

/// Every key that configuration knows.
///
/// Reading, suggestions, ranges, defaults and the test of `config/postbox.yaml` all come from this
/// list.
package enum SettingsSchema {
    package static let keys = connections + outboxes + process

    /// Keys of a later version, so that nobody takes them for a mistake of spelling.
    static let notYet: Set = ["inboxes"]

    private static let byPath = Dictionary(uniqueKeysWithValues: keys.map { ($0.path, $0) })

    private static let byParent = Dictionary(grouping: keys, by: \.parent)

    /// The key of that path.
    ///
    /// Reading one that the list lacks is a programmer's error.
    static func key(_ path: String) -> SettingsKey {
        guard let key = byPath[path] else { preconditionFailure("no key \(path) in the schema") }
        return key
    }

    static func kind(of path: String) -> SettingsKey.Kind? { byPath[path]?.kind }

    /// The names that may stand in the map of that path.
    static func names(in path: String) -> [String] { (byParent[path] ?? []).map(\.name) }

    /// A full path that ends in the given name, for a key that was written in the wrong place.
    static func elsewhere(_ name: String) -> String? {
        let found = keys.filter { $0.name == name }
        return found.count == 1 ? found.first?.path : nil
    }
}

extension SettingsSchema {
    private static let connections: [SettingsKey] = [
        SettingsKey("instance", .text),
        SettingsKey("databases", .named, .required),
        SettingsKey("databases.*", .map),
        SettingsKey("databases.*.url", .text, .required),
        SettingsKey("databases.*.password", .secret),
        SettingsKey("kafka", .named, .required),
        SettingsKey("kafka.*", .map),
        SettingsKey("kafka.*.brokers", .texts, .required),
        SettingsKey("kafka.*.properties", .properties),
    ]

    private static let poll = PollRule()
    private static let retry = RetryPolicy()

    private static let outboxes: [SettingsKey] =
        [
            SettingsKey("outboxes", .list),
            SettingsKey("outboxes[].name", .name, .required),
            SettingsKey("outboxes[].database", .name, .required),
            SettingsKey("outboxes[].kafka", .name),
            SettingsKey("outboxes[].table", .text, or: "postbox.outbox"),
            SettingsKey("outboxes[].preset", .choice(OutboxPreset.allNames)),
            SettingsKey("outboxes[].columns", .map),
            SettingsKey("outboxes[].topic", .text),
            SettingsKey("outboxes[].source", .text),
            SettingsKey("outboxes[].settle", .choice(["delete", "archive"]), or: "delete"),
            SettingsKey("outboxes[].retain", .duration(.days(1)...(.days(3650))), or: "7d"),
            SettingsKey("outboxes[].on_failure", .choice(FailurePolicy.allNames), or: "hold"),
            SettingsKey("outboxes[].lanes", .integer(1...64), or: "1"),
            SettingsKey("outboxes[].format", .choice(RecordFormat.allNames), or: "plain"),
            SettingsKey("outboxes[].poll", .map),
            SettingsKey(
                "outboxes[].poll.max",
                .duration(.milliseconds(1)...(.seconds(60))),
                or: DurationText.text(poll.max)
            ),
            SettingsKey("outboxes[].poll.notify", .flag, or: "\(poll.notify)"),
            SettingsKey("outboxes[].retry", .map),
            SettingsKey(
                "outboxes[].retry.max_attempts",
                .integer(1...1000),
                or: "\(retry.maxAttempts)"
            ),
            SettingsKey(
                "outboxes[].retry.first",
                .duration(.milliseconds(1)...(.hours(1))),
                or: DurationText.text(retry.first)
            ),
            SettingsKey(
                "outboxes[].retry.max",
                .duration(.milliseconds(1)...(.days(7))),
                or: DurationText.text(retry.max)
            ),
        ]
        + OutboxColumns.postbox.mapped.map { role, column in
            SettingsKey("outboxes[].columns.\(role)", .column, or: column)
        }

    private static let process: [SettingsKey] = [
        SettingsKey("memory", .size(.mebibytes(4)...(.mebibytes(65_536))), or: "64MiB"),
        SettingsKey("lease", .duration(.seconds(2)...(.seconds(300))), or: "10s"),
        SettingsKey("shutdown", .map),
        SettingsKey("shutdown.grace", .duration(.zero...(.seconds(600))), or: "25s"),
        SettingsKey("control", .map),
        SettingsKey("control.socket", .text, or: "/run/postbox/control.sock"),
        SettingsKey("control.listen", .text),
        SettingsKey("log", .map),
        SettingsKey("log.level", .choice(LogSettings.Level.allNames), or: "info"),
        SettingsKey("log.format", .choice(LogSettings.Format.allNames), or: "logfmt"),
    ]
}

extension Duration {
    fileprivate static func hours(_ count: Int) -> Self { .seconds(count * 3_600) }
    fileprivate static func days(_ count: Int) -> Self { .seconds(count * 86_400) }
}

extension CaseIterable where Self: RawRepresentable<String> {
    static var allNames: [String] { allCases.map(\.rawValue) }
}
