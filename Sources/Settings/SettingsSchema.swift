import Messaging

/// Every key that configuration knows.
///
/// Reading, suggestions, ranges, defaults and the test of `config/postbox.yaml` all come from this
/// list.
package enum SettingsSchema {
    package static let keys = connections + outboxes + inboxes + process

    static let defaultSchema = "postbox"

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

    /// A full path that ends in the given name, for a key that was written in the wrong place: one
    /// below `path` rather than any other.
    static func elsewhere(_ name: String, than path: String) -> String? {
        let found = keys.filter { $0.name == name }
        let below = found.filter { $0.path.hasPrefix("\(path).") }
        let likely = below.isEmpty ? found : below
        return likely.count == 1 ? likely.first?.path : nil
    }
}

extension SettingsSchema {
    private static let connections: [SettingsKey] = [
        SettingsKey("instance", .text),
        SettingsKey("databases", .named, .required),
        SettingsKey("databases.*", .map),
        SettingsKey("databases.*.url", .text, .required),
        SettingsKey("databases.*.password", .secret),
        SettingsKey("databases.*.schema", .text, or: defaultSchema),
        SettingsKey("kafka", .named, .required),
        SettingsKey("kafka.*", .map),
        SettingsKey("kafka.*.brokers", .texts, .required),
        SettingsKey("kafka.*.properties", .properties),
    ]

    private static let poll = PollRule()

    private static let outboxes: [SettingsKey] =
        [
            SettingsKey("outboxes", .list),
            SettingsKey("outboxes[].name", .name, .required),
            SettingsKey("outboxes[].database", .name, .required),
            SettingsKey("outboxes[].kafka", .name),
            SettingsKey("outboxes[].table", .text, or: "postbox.outbox"),
            SettingsKey("outboxes[].preset", .choice(OutboxPreset.allNames)),
            SettingsKey("outboxes[].columns", .map),
            SettingsKey("outboxes[].order", .choice(OutboxOrder.allNames), or: "id"),
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
        ]
        + retry(in: "outboxes[]")
        + OutboxColumns.postbox.mapped.map { role, column in
            SettingsKey("outboxes[].columns.\(role)", .column, or: column)
        }

    /// How often and how soon something is tried again, in the map of that path.
    static func retry(in path: String) -> [SettingsKey] {
        let retry = RetryPolicy()
        return [
            SettingsKey("\(path).retry", .map),
            SettingsKey(
                "\(path).retry.max_attempts",
                .integer(1...1000),
                or: "\(retry.maxAttempts)"
            ),
            SettingsKey(
                "\(path).retry.first",
                .duration(.milliseconds(1)...(.hours(1))),
                or: DurationText.text(retry.first)
            ),
            SettingsKey(
                "\(path).retry.max",
                .duration(.milliseconds(1)...(.days(7))),
                or: DurationText.text(retry.max)
            ),
        ]
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
    static func hours(_ count: Int) -> Self { .seconds(count * 3_600) }
    static func days(_ count: Int) -> Self { .seconds(count * 86_400) }
}

extension CaseIterable where Self: RawRepresentable<String> {
    static var allNames: [String] { allCases.map(\.rawValue) }
}
