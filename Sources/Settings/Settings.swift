package import Messaging

/// What the configuration says, checked and complete.
package struct Settings: Sendable {
    package let instance: String
    package let databases: [String: DatabaseSettings]
    package let kafka: [String: KafkaSettings]
    /// In the order of the configuration, which is how ``locations`` counts them.
    ///
    /// Each refers to a database and a cluster that are here, as each inbox does; there is at least
    /// one outbox or inbox.
    package let outboxes: [OutboxDefinition]
    package let inboxes: [InboxDefinition]
    /// What all pipelines together may hold.
    package let memory: ByteSize
    package let lease: Duration
    package let shutdownGrace: Duration
    package let control: ControlSettings
    package let log: LogSettings
    /// For problems that only a database or Kafka can find.
    package let locations: SettingsLocations

    /// Reads the file, and every `*.yaml` of `conf.d/` beside it.
    package static func load(path: String) throws(SettingsError) -> Settings {
        try resolve(SettingsSource.readAll(path: path))
    }

    /// Reads a text as if it stood in the file.
    package static func resolve(text: String, file: String) throws(SettingsError) -> Settings {
        try resolve([SettingsSource(file: file, bytes: Array(text.utf8))])
    }

    static func resolve(_ sources: [SettingsSource]) throws(SettingsError) -> Settings {
        var union = SettingsUnion()
        for source in sources { union.add(source) }
        guard !union.isIncomplete else { throw SettingsError(union.problems) }
        let ledger = SettingsLedger(root: SettingsLocation(file: sources.first?.file ?? ""))
        let root = SettingsReader(union.entries, path: "", pattern: "", ledger: ledger)
        let settings = Settings(root)
        OutboxRules(lease: settings.lease, outboxes: settings.outboxes).check(ledger)
        InboxRules(inboxes: settings.inboxes).check(ledger)
        let problems = union.problems + ledger.problems
        guard problems.isEmpty else {
            throw SettingsError(Self.sorted(problems, files: sources.map(\.file)))
        }
        return settings
    }

    private init(_ root: SettingsReader) {
        instance = Self.instance(root)
        databases = Dictionary(
            root.named("databases").map { name, reader in
                (name, DatabaseSettings(name: name, reader: reader))
            }
        ) { first, _ in first }
        kafka = Dictionary(
            root.named("kafka").map { name, reader in
                (name, KafkaSettings(name: name, reader: reader))
            }
        ) { first, _ in first }
        let sending = OutboxResolver(databases: databases, kafka: kafka.keys.sorted())
        let receiving = InboxResolver(
            databases: databases.keys.sorted(),
            kafka: kafka.keys.sorted()
        )
        let outboxList = root.list("outboxes")
        let inboxList = root.list("inboxes")
        outboxes = outboxList?.map(sending.definition) ?? []
        inboxes = inboxList?.map(receiving.definition) ?? []
        if outboxList?.isEmpty == true && inboxList?.isEmpty == true {
            root.report("outboxes", "nothing to run: there is no outbox and no inbox")
        }
        memory = root.size("memory")
        lease = root.duration("lease")
        shutdownGrace = root.map("shutdown").duration("grace")
        control = ControlSettings(reader: root.map("control"))
        log = LogSettings(reader: root.map("log"))
        locations = root.ledger.locations
    }

    /// Where Postbox's own tables are in the database of that name.
    package func schema(of database: String) -> String {
        databases[database]?.schema ?? SettingsSchema.defaultSchema
    }

    private static func instance(_ root: SettingsReader) -> String {
        var generator = SystemRandomNumberGenerator()
        guard let name = root.text("instance") else {
            return InstanceName.random(using: &generator)
        }
        if !InstanceName.isValid(name) { root.report("instance", InstanceName.rule) }
        return name
    }

    private static func sorted(
        _ problems: [SettingsProblem],
        files: [String]
    ) -> [SettingsProblem] {
        let order = Dictionary(files.enumerated().map { ($1, $0) }) { first, _ in first }
        let rank = { (problem: SettingsProblem) in
            (order[problem.file] ?? 0, problem.line, problem.column)
        }
        return problems.sorted { rank($0) < rank($1) }
    }
}
