import Testing

/// A configuration and what is said against it, without the file's name.
struct BadConfiguration: CustomTestStringConvertible {
    let text: String
    let problems: [String]

    var testDescription: String { problems.first ?? "" }

    static let all = documents + outboxes + inboxes + topics + ranges + secrets + rest

    /// The minimal configuration with lines added to its only outbox, the first of them line 8.
    private static func outbox(_ lines: String, _ problems: String...) -> Self {
        let indented = lines.split(separator: "\n").map { "    \($0)\n" }.joined()
        return Self(text: ConfigurationText.minimal + indented, problems: problems)
    }

    /// The minimal configuration with lines added at the end, the first of them line 8.
    private static func top(_ lines: String, _ problems: String...) -> Self {
        Self(text: ConfigurationText.minimal + lines, problems: problems)
    }

    private static func text(_ text: String, _ problems: String...) -> Self {
        Self(text: text, problems: problems)
    }

    private static let documents: [Self] = [
        text(
            "",
            "1:1: databases: is missing",
            "1:1: kafka: is missing",
            "1:1: outboxes: nothing to run: there is no outbox and no inbox"
        ),
        text("- a", "1:1: must be a map of keys, not a list"),
        text("postbox", "1:1: must be a map of keys, not a word"),
        text(
            ConfigurationText.minimal.replacing("shop: {", with: "Shop: {"),
            "2:3: databases.Shop: must be a name of 1 to 63 characters of a-z, 0-9, _ and -",
            "7:5: outboxes[0].database: refers to something that is not there; did you mean Shop?"
        ),
        text(
            ConfigurationText.minimal.replacing("{ url: \"postgresql:///shop\" }", with: ""),
            "2:3: databases.shop.url: is missing"
        ),
        text(
            ConfigurationText.minimal.replacing("[\"kafka-1:9092\"]", with: "kafka-1:9092"),
            "4:11: kafka.main.brokers: must be a list, not a word"
        ),
        text(
            ConfigurationText.minimal.replacing("kafka-1:9092", with: "kafka-1"),
            "4:21: kafka.main.brokers[0]: must be host:port"
        ),
        text(
            ConfigurationText.minimal.replacing("[\"kafka-1:9092\"]", with: "[]"),
            "4:11: kafka.main.brokers: must be a list of host:port"
        ),
        text(
            ConfigurationText.minimal.replacing(/(?s)outboxes:.*/, with: "outboxes: shop"),
            "5:1: outboxes: must be a list, not a word"
        ),
        text(
            ConfigurationText.minimal.replacing(/(?s)outboxes:.*/, with: "outboxes:"),
            "5:1: outboxes: nothing to run: there is no outbox and no inbox"
        ),
        top("lease: 10s\nlease: 10s\n", "9:1: lease: this key stands at 8:1 already"),
        top("lease: &a 10s\n", "8:8: anchors (&) are not allowed"),
        top("memory: *a\n", "8:9: aliases (*) are not allowed"),
        top("grace: 25s\n", "8:1: grace: unknown key; did you mean shutdown.grace?"),
        top("xyz: 1\n", "8:1: xyz: unknown key"),
        top("shutdown: 25s\n", "8:1: shutdown: must be a map, not a word"),
    ]

    private static let outboxes: [Self] = [
        outbox("tabel: x.y", "8:5: outboxes[0].tabel: unknown key; did you mean table?"),
        outbox(
            "order: none\ncolumns: { id: seq }",
            "9:16: outboxes[0].columns.id: does nothing with order: none"
        ),
        outbox("order: random", "8:5: outboxes[0].order: must be id or none"),
        outbox(
            "max_attempts: 3",
            "8:5: outboxes[0].max_attempts: unknown key; "
                + "did you mean outboxes[].retry.max_attempts?"
        ),
        outbox(
            "kafka: mian",
            "8:5: outboxes[0].kafka: refers to something that is not there; did you mean main?"
        ),
        outbox(
            "kafka: cluster",
            "8:5: outboxes[0].kafka: refers to something that is not there; there is main"
        ),
        outbox("table: a.b.c", "8:5: outboxes[0].table: must be schema.table"),
        outbox("table: ''", "8:5: outboxes[0].table: must not be empty"),
        outbox("table: \"a\\0b\"", "8:5: outboxes[0].table: must not hold control characters"),
        outbox(
            "settle: delte",
            "8:5: outboxes[0].settle: must be delete or archive; did you mean delete?"
        ),
        outbox(
            "settle: [archive]",
            "8:5: outboxes[0].settle: must be delete or archive, not a list"
        ),
        outbox("on_failure: halt", "8:5: outboxes[0].on_failure: must be hold, skip or stop"),
        outbox("retain: 7d", "8:5: outboxes[0].retain: does nothing without settle: archive"),
        outbox(
            "preset: debezum\n",
            "8:5: outboxes[0].preset: must be debezium; did you mean debezium?"
        ),
        outbox(
            "columns: { id: none, payload: ~, kee: k }",
            "8:16: outboxes[0].columns.id: must be the name of a column: every outbox has one",
            "8:26: outboxes[0].columns.payload: must be the name of a column: every outbox has one",
            "8:38: outboxes[0].columns.kee: unknown key; did you mean key?"
        ),
        outbox(
            "columns: { key: [a] }",
            "8:16: outboxes[0].columns.key: must be the name of a column, or none, not a list"
        ),
        text(
            ConfigurationText.minimal + "  - name: shop\n    database: shop\n",
            "8:5: outboxes[1].name: the outbox at postbox.yaml:6:5 has this name",
            "8:5: outboxes[1].table: the outbox at postbox.yaml:6:5 publishes this table"
        ),
        text(
            ConfigurationText.minimal.replacing("name: shop", with: "name: The shop"),
            "6:5: outboxes[0].name: must be a name of 1 to 63 characters of a-z, 0-9, _ and -"
        ),
        text(
            ConfigurationText.minimal.replacing(
                "kafka:\n",
                with: "kafka:\n  spare: { brokers: [\"kafka-2:9092\"] }\n"
            ),
            "7:5: outboxes[0].kafka: is missing: there is more than one, main or spare"
        ),
    ]

    /// The minimal configuration and an inbox with the given lines, the first of them line 11.
    private static func inbox(_ lines: String, _ problems: String...) -> Self {
        let indented = lines.split(separator: "\n").map { "    \($0)\n" }.joined()
        let head = "inboxes:\n  - name: delivery\n    database: shop\n"
        return Self(text: ConfigurationText.minimal + head + indented, problems: problems)
    }

    private static let stores = "topics: a\napply: { store: true }\n"
    private static let topicWords =
        "the name of a topic, a regular expression that begins with ^, or a list of them"
    private static let oneOf = "must hold one of function, batch_function and store: true"

    private static let inboxes: [Self] = [
        inbox(
            "kafka: main",
            "9:5: inboxes[0].topics: is missing",
            "9:5: inboxes[0].apply: is missing"
        ),
        inbox(
            "topics: []\naply: x",
            "9:5: inboxes[0].apply: is missing",
            "11:5: inboxes[0].topics: is empty",
            "12:5: inboxes[0].aply: unknown key; did you mean apply?"
        ),
        inbox(
            "topics: [a/b, ~, [c], d, d, '']\napply: { store: true }",
            "11:14: inboxes[0].topics[0]: must be made of letters, digits, '.', '_' and '-'",
            "11:19: inboxes[0].topics[1]: must be \(topicWords), not nothing",
            "11:22: inboxes[0].topics[2]: must be \(topicWords), not a list",
            "11:30: inboxes[0].topics[4]: is there already",
            "11:33: inboxes[0].topics[5]: must not be empty"
        ),
        inbox("topics: ['^a(b|c)\\.', a]\napply: { function: on_a }"),
        inbox("topics: a\napply: { store: false }", "12:5: inboxes[0].apply: \(oneOf)"),
        inbox(
            "topics: a\napply: { function: s.f, batch_function: s.g }",
            "12:5: inboxes[0].apply: \(oneOf)"
        ),
        inbox(
            "topics: a\napply: { function: a.b.c }",
            "12:14: inboxes[0].apply.function: must be schema.function"
        ),
        inbox(
            stores + "dedup: { id: message-id, window: 30m }",
            "13:14: inboxes[0].dedup.id: must be header:NAME, or a path in the payload such as "
                + "$.event.id",
            "13:30: inboxes[0].dedup.window: must be 1h to 365d"
        ),
        inbox(
            stores + "dedup: { id: $.a..b, mode: none, window: 7d }",
            "13:14: inboxes[0].dedup.id: must be header:NAME, or a path in the payload such as "
                + "$.event.id",
            "13:38: inboxes[0].dedup.window: does nothing with mode: none"
        ),
        inbox(
            stores + "max_attempts: 3",
            "13:5: inboxes[0].max_attempts: unknown key; "
                + "did you mean inboxes[].retry.max_attempts?"
        ),
        inbox(
            stores + "dead_letter_topic: a",
            "13:5: inboxes[0].dead_letter_topic: is one of the inbox's own topics: it would read "
                + "its dead letters again"
        ),
        inbox(stores + "batch: 10001", "13:5: inboxes[0].batch: must be 1 to 10000"),
        text(
            inbox(stores).text
                + "  - { name: delivery, database: shop, topics: b, apply: { store: true } }\n"
                + "  - { name: b, group: delivery, database: shpo, topics: b, "
                + "apply: { store: true } }\n",
            "13:7: inboxes[1].name: the inbox at postbox.yaml:9:5 has this name",
            "14:16: inboxes[2].group: the inbox at postbox.yaml:9:5 has this group",
            "14:33: inboxes[2].database: refers to something that is not there; did you mean shop?"
        ),
    ]

    private static let topics: [Self] = [
        outbox(
            "topic: events",
            "8:5: outboxes[0].topic: must not be given: a column holds it; "
                + "or set columns.topic: none"
        ),
        outbox(
            "preset: debezium",
            "6:5: outboxes[0].topic: is missing: no column holds it; for example "
                + "topic: \"outbox.event.${aggregatetype}\""
        ),
        outbox(
            "columns: { topic: none }\ntopic: \"a.${b\"",
            "9:5: outboxes[0].topic: holds a ${ that is not closed or names no column"
        ),
        outbox(
            "preset: debezium\ntopic: \"a.$b\"",
            "9:5: outboxes[0].topic: must be made of letters, digits, '.', '_', '-' and ${column}"
        ),
        outbox(
            "preset: debezium\ntopic: ..",
            "9:5: outboxes[0].topic: must not be '.' or '..'"
        ),
        outbox(
            "preset: debezium\ntopic: \(String(repeating: "a", count: 250))",
            "9:5: outboxes[0].topic: must not be longer than 249 characters"
        ),
    ]

    private static let ranges: [Self] = [
        outbox("lanes: 0", "8:5: outboxes[0].lanes: must be 1 to 64"),
        outbox("lanes: many", "8:5: outboxes[0].lanes: must be a whole number"),
        outbox("lanes: 99999999999999999999", "8:5: outboxes[0].lanes: must be a whole number"),
        outbox(
            "lanes: \"1\"",
            "8:5: outboxes[0].lanes: must be a whole number, written without quotes"
        ),
        outbox("poll: { notify: yes }", "8:13: outboxes[0].poll.notify: must be true or false"),
        outbox("poll: { max: 11s }", "8:13: outboxes[0].poll.max: must not be longer than lease"),
        outbox("poll: { max: 0ms }", "8:13: outboxes[0].poll.max: must be 1ms to 1m"),
        outbox(
            "retry: { first: 6m }",
            "8:14: outboxes[0].retry.first: must not be longer than max"
        ),
        top("lease: 1s\n", "8:1: lease: must be 2s to 5m"),
        top(
            "lease: 99999999999999999999d\n",
            "8:1: lease: must be a duration such as 500ms, 30s, 5m or 7d"
        ),
        top("memory: 64MB\n", "8:1: memory: must be a size such as 512B, 10KiB or 64MiB"),
        top("memory: 1KiB\n", "8:1: memory: must be 4MiB to 64GiB"),
        top(
            "memory:\n",
            "8:1: memory: must be a size such as 512B, 10KiB or 64MiB, not nothing"
        ),
    ]

    private static let advice = "{ file: … }, { env: … } or { credential: … }"

    private static func url(_ url: String) -> Self {
        text(
            ConfigurationText.minimal.replacing("postgresql:///shop", with: url),
            "2:11: databases.shop.url: must not hold a password; give it as password: \(advice)"
        )
    }

    private static func database(_ keys: String, _ problem: String) -> Self {
        text(ConfigurationText.minimal.replacing("/shop\" }", with: "/shop\", \(keys) }"), problem)
    }

    private static func property(_ property: String, _ problem: String) -> Self {
        text(
            ConfigurationText.minimal.replacing(
                "\"] }",
                with: "\"], properties: { \(property) } }"
            ),
            problem
        )
    }

    private static let secrets: [Self] = [
        url("postgresql://me:S3cret@db/shop"),
        url("postgresql://me:S3c/r@et@db/shop"),
        url("postgresql://db/shop?user=me&password=S3cret"),
        url("host=db PASSWORD = 'S3cret'"),
        url("host=db sslpassword=S3cret"),
        database(
            "password: S3cret",
            "2:38: databases.shop.password: must be \(advice), not the secret itself"
        ),
        database("password: { S3cret }", "2:38: databases.shop.password: must be \(advice)"),
        database(
            "password: { file: /a, env: B }",
            "2:38: databases.shop.password: must be \(advice)"
        ),
        database(
            "password: { file: a }",
            "2:38: databases.shop.password.file: must be an absolute path"
        ),
        database(
            "password: { credential: ../a }",
            "2:38: databases.shop.password.credential: must be a name, not a path"
        ),
        database("schema: ''", "2:38: databases.shop.schema: must not be empty"),
        database(
            "schema: pg_postbox",
            "2:38: databases.shop.schema: must not begin with pg_: PostgreSQL refuses it"
        ),
        property(
            "sasl.password: S3cret",
            "4:52: kafka.main.properties.sasl.password: must be \(advice), not the secret itself"
        ),
        property(
            "ssl.key.pem: \"-----BEGIN\"",
            "4:52: kafka.main.properties.ssl.key.pem: must be \(advice), not the secret itself"
        ),
        property(
            "linger.ms: [1]",
            "4:52: kafka.main.properties.linger.ms: "
                + "must be a text, a number, true, false or a secret, not a list"
        ),
        property(
            "linger.ms: ~",
            "4:52: kafka.main.properties.linger.ms: "
                + "must be a text, a number, true, false or a secret, not nothing"
        ),
    ]

    private static let rest: [Self] = [
        top("instance: a b\n", "8:1: instance: must be 1 to 63 letters, digits, '.', '_' and '-'"),
        top(
            "control: { socket: run.sock, listen: 9187 }\n",
            "8:12: control.socket: must be an absolute path of at most 107 bytes",
            "8:30: control.listen: must be host:port, such as 127.0.0.1:9187"
        ),
        top(
            "log: { level: verbose, format: jsn }\n",
            "8:8: log.level: must be debug, info, notice, warning or error",
            "8:24: log.format: must be logfmt or json; did you mean json?"
        ),
    ]
}
