import Messaging

extension SettingsSchema {
    private static let dedup = DedupRule()
    private static let inbox = InboxDefinition(
        name: "",
        database: "",
        kafka: "",
        topics: [],
        apply: .store
    )

    static let inboxes: [SettingsKey] =
        [
            SettingsKey("inboxes", .list),
            SettingsKey("inboxes[].name", .name, .required),
            SettingsKey("inboxes[].database", .name, .required),
            SettingsKey("inboxes[].kafka", .name),
            SettingsKey("inboxes[].topics", .texts, .required),
            SettingsKey("inboxes[].group", .text),
            SettingsKey("inboxes[].start", .choice(InboxStart.allNames), or: "earliest"),
            SettingsKey("inboxes[].apply", .map, .required),
            SettingsKey("inboxes[].apply.function", .text),
            SettingsKey("inboxes[].apply.batch_function", .text),
            SettingsKey("inboxes[].apply.store", .flag, or: "false"),
            SettingsKey("inboxes[].lanes", .integer(1...64), or: "\(inbox.lanes)"),
            SettingsKey("inboxes[].batch", .integer(1...10_000), or: "\(inbox.batch)"),
            SettingsKey(
                "inboxes[].statement_timeout",
                .duration(.milliseconds(10)...(.hours(1))),
                or: DurationText.text(inbox.statementTimeout)
            ),
            SettingsKey("inboxes[].on_failure", .choice(FailurePolicy.allNames), or: "hold"),
            SettingsKey("inboxes[].dead_letter_topic", .text),
        ] + dedupKeys + retry(in: "inboxes[]")

    private static let dedupKeys: [SettingsKey] = [
        SettingsKey("inboxes[].dedup", .map),
        SettingsKey("inboxes[].dedup.mode", .choice(DedupMode.allNames), or: "id"),
        SettingsKey("inboxes[].dedup.id", .text, or: "header:message-id"),
        SettingsKey(
            "inboxes[].dedup.window",
            .duration(.hours(1)...(.days(365))),
            or: DurationText.text(dedup.window)
        ),
        SettingsKey("inboxes[].dedup.outside", .choice(OutsideWindowRule.allNames), or: "park"),
        SettingsKey("inboxes[].dedup.missing", .choice(MissingIDRule.allNames), or: "dead_letter"),
        SettingsKey(
            "inboxes[].dedup.allow_short_window",
            .flag,
            or: "\(dedup.allowsShortWindow)"
        ),
    ]
}
