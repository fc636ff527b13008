import Inbox
import Messaging
import Outbox
import Postgres

/// What `migrate` does in one database.
struct Migration {
    let database: String
    let schema: String
    let outboxes: [OutboxDefinition]
    let inboxes: [InboxDefinition]
    /// Who the daemon is, where the configuration says so.
    let role: String?

    /// As `psql` takes it.
    var lines: [String] {
        get throws {
            let names = (outboxes.map(\.name) + inboxes.map(\.name)).joined(separator: ", ")
            var lines = ["-- Database \(database), for \(names).", "BEGIN;", try script]
            if let role { lines.append(try grants(to: role)) }
            return lines + ["COMMIT;"]
        }
    }

    /// Returns the role that got rights, where it is another than the one that ran it.
    func run(on target: PostgresTarget, grantsRole: Bool) throws -> String? {
        let session = try PostgresSession(connectingTo: target, within: .seconds(10))
        // An index on a large table takes its time.
        session.requestTimeout = nil
        let script = try script
        return try session.transaction { (tx: borrowing PostgresTransaction) in
            try tx.run(script)
            guard grantsRole, let role else { return nil }
            guard try tx.query("SELECT current_user <> $1", [.text(role)]).bool(0, 0) else {
                return nil
            }
            try tx.run(grants(to: role))
            return role
        }
    }

    private var script: String {
        get throws {
            var parts: [String] = []
            if !outboxes.isEmpty {
                parts.append(try OutboxMigration.script(for: outboxes, schema: schema))
            }
            if !inboxes.isEmpty {
                parts.append(try InboxMigration.script(for: inboxes, schema: schema))
            }
            return parts.joined(separator: "\n")
        }
    }

    private func grants(to role: String) throws -> String {
        var parts: [String] = []
        if !outboxes.isEmpty {
            parts.append(try OutboxMigration.grants(for: outboxes, schema: schema, to: role))
        }
        if !inboxes.isEmpty {
            parts.append(try InboxMigration.grants(for: inboxes, schema: schema, to: role))
        }
        return parts.joined(separator: "\n")
    }
}
