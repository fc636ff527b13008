import Daemon
import Messaging
import Outbox
import Postgres
import Settings

private let apply = Flag("apply", help: "Run the SQL, in one transaction for each database.")
private let outboxNames = Option<[String]>(
    repeated: "outbox",
    value: "NAME",
    help: "For this outbox alone."
)
private let databaseURL = Option<String?>(
    "database-url",
    value: "URL",
    help: "Connect so instead, as a role that may create things. PGPASSWORD counts here."
)

/// `postbox migrate`: what PostgreSQL needs for the outboxes.
func migrateCommand() -> Command {
    Command(
        "migrate",
        abstract: "Print the SQL that makes the tables of the outboxes, or run it.",
        discussion: """
            The SQL makes what is missing and changes nothing that is there, so it may run again. A \
            table of your own stays yours: it gets what the configuration asks for, such as \
            Debezium's identity column or the trigger of poll.notify, and nothing else.
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
        accepts: [ConfigurationOptions.file, outboxNames, apply, databaseURL]
    ) { invocation in
        let settings = try Settings.load(path: invocation[ConfigurationOptions.file])
        guard let migrations = try invocation.migrations(settings) else { return .usage }
        guard invocation[apply] else {
            for migration in migrations { invocation.print(migration.lines) }
            return .ok
        }
        return try invocation.apply(migrations, settings)
    }
}

/// The SQL for one database.
private struct Migration {
    let database: String
    private let outboxes: [String]
    private let script: String

    init(_ database: String, _ outboxes: [OutboxDefinition]) throws {
        self.database = database
        self.outboxes = outboxes.map(\.name)
        script = try OutboxMigration.script(for: outboxes)
    }

    /// As `psql` takes it.
    var lines: [String] {
        let names = outboxes.joined(separator: ", ")
        return ["-- Database \(database), for \(names).", "BEGIN;", script, "COMMIT;"]
    }

    func run(on target: PostgresTarget) throws {
        let session = try PostgresSession(connectingTo: target, within: .seconds(10))
        // An index on a large table takes its time.
        session.requestTimeout = nil
        try session.transaction { (tx: borrowing PostgresTransaction) in try tx.run(script) }
    }
}

extension Invocation {
    /// One for each database of the outboxes that are meant; nil when the words make no sense.
    fileprivate func migrations(_ settings: Settings) throws -> [Migration]? {
        let wanted = self[outboxNames]
        let known = settings.outboxes.map(\.name)
        if let unknown = wanted.first(where: { !known.contains($0) }) {
            let nearest = NearestName.nearest(to: unknown, in: known).map {
                "; did you mean \($0)?"
            }
            note("there is no outbox \(unknown)\(nearest ?? "")")
            return nil
        }
        let chosen = settings.outboxes.filter { wanted.isEmpty || wanted.contains($0.name) }
        let migrations = try Dictionary(grouping: chosen, by: \.database)
            .sorted { $0.key < $1.key }
            .map { try Migration($0.key, $0.value) }
        guard self[databaseURL] == nil || migrations.count == 1 else {
            let names = migrations.map(\.database).joined(separator: ", ")
            note("--database-url is one database, the outboxes are in \(names): name one --outbox")
            return nil
        }
        return migrations
    }

    /// Applies each, whatever became of the others.
    fileprivate func apply(_ migrations: [Migration], _ settings: Settings) throws -> ExitCode {
        let target = try targets(settings)
        var code = ExitCode.ok
        for migration in migrations {
            do {
                try migration.run(on: target(migration.database))
                print("database \(migration.database): applied")
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
