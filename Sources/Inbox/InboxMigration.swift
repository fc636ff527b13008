package import Messaging
package import Postgres

/// The SQL that prepares a database for its inboxes: what `postbox migrate` prints and applies.
package enum InboxMigration {
    /// Everything the inboxes of one database need, safe to run again.
    ///
    /// Run it in one transaction, as a role that may create in the schema.
    package static func script(
        for definitions: [InboxDefinition],
        schema: String = "postbox"
    ) throws(PostgresError) -> String {
        let stores = definitions.contains(where: \.isStored)
        return try filled(shared + (stores ? stored : []), schema: schema)
    }

    private static let shared = ["create_inbox", "create_inbox_days", "create_chain"]
    private static let stored = ["create_todo"]

    /// The tables that one inbox works with.
    static func tables(for definition: InboxDefinition) -> [String] {
        (shared + (definition.isStored ? stored : [])).flatMap { file in
            sqlText(file).matches(of: /TABLE IF NOT EXISTS \{\{schema\}\}\.(\w+)/).map {
                String($0.1)
            }
        }
    }

    /// The functions that one inbox calls; those of `postbox.todo` are called by services.
    static var functions: [String] {
        shared.flatMap { file in
            sqlText(file).matches(of: /OR REPLACE FUNCTION \{\{schema\}\}\.(\w+)\s*\(/).map {
                String($0.1)
            }
        }
    }

    /// What a daemon needs that does not own the tables: to be run after the script, by the role
    /// that does.
    ///
    /// The functions that apply the messages are not among it: their owners say who may call them.
    package static func grants(
        for definitions: [InboxDefinition],
        schema: String = "postbox",
        to role: String
    ) throws(PostgresError) -> String {
        var files = ["grant_inbox"]
        if definitions.contains(where: \.isStored) { files.append("grant_todo") }
        return try filled(files, schema: schema)
            .replacing("{{role}}", with: try quotedIdentifier(role))
    }

    private static func filled(
        _ files: [String],
        schema: String
    ) throws(PostgresError) -> String {
        let quoted = try quotedIdentifier(schema)
        let doubled = schema.replacing("'", with: "''").replacing("\\", with: "\\\\")
        return files.map { file in
            sqlText(file)
                .replacing("{{schema}}", with: quoted)
                .replacing("{{schema_literal}}", with: "E'\(doubled)'")
        }.joined(separator: "\n")
    }
}

extension InboxDefinition {
    var isStored: Bool { apply == .store }
}
