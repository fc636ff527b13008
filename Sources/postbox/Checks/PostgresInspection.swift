import Daemon
import Inbox
import Messaging
import Outbox
import Postgres
import Settings

/// Looks whether the databases are ready for the outboxes and inboxes of a configuration.
struct PostgresInspection {
    let settings: Settings
    let connections: Connections

    func inspect(into report: inout CheckReport) {
        for name in settings.databases.keys.sorted() {
            do {
                let session = try PostgresSession(
                    connectingTo: connections.database(name),
                    within: .seconds(10)
                )
                inspect(name, session, &report)
                inspect(inboxesOf: name, session, &report)
            } catch {
                report.add(.problem, at: "databases.\(name).url", "\(error)")
            }
        }
    }

    private func inspect(
        _ database: String,
        _ session: PostgresSession,
        _ report: inout CheckReport
    ) {
        report.note("database \(database): PostgreSQL \(postgresVersion(session.serverVersion))")
        for (index, outbox) in settings.outboxes.enumerated() where outbox.database == database {
            let path = "outboxes[\(index)]"
            do {
                let problems = try OutboxCheck.problems(
                    of: outbox,
                    schema: settings.schema(of: database),
                    in: session
                )
                for problem in problems {
                    report.add(
                        problem.isWarning ? .warning : .problem,
                        at: key(of: problem.part, in: path, outbox),
                        problem.message
                    )
                }
                if problems.isEmpty { report.note("outbox \(outbox.name): \(outbox.table)") }
            } catch {
                report.add(.problem, at: "\(path).table", "\(error)")
            }
        }
    }

    private func inspect(
        inboxesOf database: String,
        _ session: PostgresSession,
        _ report: inout CheckReport
    ) {
        for (index, inbox) in settings.inboxes.enumerated() where inbox.database == database {
            let path = "inboxes[\(index)]"
            do {
                let problems = try InboxCheck.problems(
                    of: inbox,
                    schema: settings.schema(of: database),
                    in: session
                )
                for problem in problems {
                    report.add(
                        problem.isWarning ? .warning : .problem,
                        at: key(of: problem.part, in: path, inbox),
                        problem.message
                    )
                }
                if problems.isEmpty { report.note("inbox \(inbox.name): \(inbox.apply)") }
            } catch {
                report.add(.problem, at: "\(path).database", "\(error)")
            }
        }
    }

    private func key(
        of part: InboxProblem.Part,
        in path: String,
        _ inbox: InboxDefinition
    ) -> String {
        switch (part, inbox.apply) {
        case (.state, _): "\(path).database"
        case (.apply, .function): "\(path).apply.function"
        case (.apply, .batchFunction): "\(path).apply.batch_function"
        case (.apply, .store): "\(path).apply.store"
        }
    }

    /// The key of the configuration that is nearest to the part.
    private func key(
        of part: OutboxProblem.Part,
        in path: String,
        _ outbox: OutboxDefinition
    ) -> String {
        switch part {
        case .database: "databases.\(outbox.database).url"
        case .column(let role): "\(path).columns.\(role)"
        case .table, .index, .grant, .sequence, .state: "\(path).table"
        }
    }
}
