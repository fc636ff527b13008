import Daemon
import Messaging
import Postgres
import Settings

private let apply = Flag("apply", help: "Run the SQL, in one transaction for each database.")
private let outboxNames = Option<[String]>(
    repeated: "outbox",
    value: "NAME",
    help: "For this outbox alone."
)
private let inboxNames = Option<[String]>(
    repeated: "inbox",
    value: "NAME",
    help: "For this inbox alone."
)
private let databaseURL = Option<String?>(
    "database-url",
    value: "URL",
    help: "Connect so instead, as a role that may create things. PGPASSWORD counts here."
)

/// `postbox migrate`: what PostgreSQL needs for the outboxes and inboxes.
func migrateCommand() -> Command {
    Command(
        "migrate",
        abstract: "Print the SQL that makes the tables of outboxes and inboxes, or run it.",
        discussion: """
            The SQL makes what is missing and changes nothing that is there, so it may run again. A \
            table of your own stays yours: it gets what the configuration asks for, such as \
            Debezium's identity column or the trigger of poll.notify, and nothing else. With \
            --database-url, the role that the configuration names gets the rights that the daemon \
            needs on what was made.
            """,
        examples: [
            .init("postbox migrate", "read it first"),
            .init("postbox migrate --apply", "run it as the daemon's own role"),
            .init(
                "postbox migrate --apply --outbox shop --database-url postgresql://admin@db/shop",
                "run it as another role"
            ),
            .init("postbox migrate --outbox shop | psql shop", "run it yourself"),
        ],
        accepts: [ConfigurationOptions.file, outboxNames, inboxNames, apply, databaseURL]
    ) { invocation in
        let settings = try Settings.load(path: invocation[ConfigurationOptions.file])
        guard let migrations = try invocation.migrations(settings) else { return .usage }
        guard invocation[apply] else {
            for migration in migrations { invocation.print(try migration.lines) }
            return .ok
        }
        return try invocation.apply(migrations, settings)
    }
}

extension Invocation {
    /// One for each database of what is meant; nil when the words make no sense.
    fileprivate func migrations(_ settings: Settings) throws -> [Migration]? {
        let (outboxes, inboxes) = (self[outboxNames], self[inboxNames])
        guard
            areThere(outboxes, "outbox", among: settings.outboxes.map(\.name)),
            areThere(inboxes, "inbox", among: settings.inboxes.map(\.name))
        else { return nil }
        let all = outboxes.isEmpty && inboxes.isEmpty
        let sending = settings.outboxes.filter { all || outboxes.contains($0.name) }
        let receiving = settings.inboxes.filter { all || inboxes.contains($0.name) }
        let databases = Set(sending.map(\.database) + receiving.map(\.database)).sorted()
        guard self[databaseURL] == nil || databases.count == 1 else {
            let names = databases.joined(separator: ", ")
            note("--database-url is one database, but these are \(names): name --outbox or --inbox")
            return nil
        }
        return databases.map { database in
            Migration(
                database: database,
                schema: settings.schema(of: database),
                outboxes: sending.filter { $0.database == database },
                inboxes: receiving.filter { $0.database == database },
                role: settings.role(of: database)
            )
        }
    }

    private func areThere(_ wanted: [String], _ kind: String, among known: [String]) -> Bool {
        guard let unknown = wanted.first(where: { !known.contains($0) }) else { return true }
        let nearest = NearestName.nearest(to: unknown, in: known).map { "; did you mean \($0)?" }
        note("there is no \(kind) \(unknown)\(nearest ?? "")")
        return false
    }

    /// Applies each, whatever became of the others.
    fileprivate func apply(_ migrations: [Migration], _ settings: Settings) throws -> ExitCode {
        let target = try targets(settings)
        var code = ExitCode.ok
        for migration in migrations {
            do {
                let grantee = try migration.run(
                    on: target(migration.database),
                    grantsRole: self[databaseURL] != nil
                )
                let rights = grantee.map { "; \($0) has the rights that the daemon needs" }
                print("database \(migration.database): applied\(rights ?? "")")
            } catch let error as PostgresError {
                let advice =
                    error.isPermission ? "; --database-url takes a role that may do this" : ""
                note("database \(migration.database): \(error)\(advice)")
                code = .failed
            }
        }
        return code
    }

    private func targets(_ settings: Settings) throws -> (String) -> PostgresTarget {
        guard let url = self[databaseURL] else {
            return try Connections.resolve(settings).database
        }
        let target = try PostgresTarget(conninfo: url, applicationName: "postbox migrate")
        return { _ in target }
    }
}

extension Settings {
    /// The role that the daemon connects as, where its URL names one.
    fileprivate func role(of database: String) -> String? {
        guard let url = databases[database]?.url else { return nil }
        // A mistake in it is the business of those who connect by it.
        return try? PostgresTarget(conninfo: url, applicationName: "").user
    }
}
