package import Messaging
package import Postgres

/// The SQL that prepares a database for its outboxes: what `postbox migrate` prints and applies.
package enum OutboxMigration {
    /// Everything the outboxes of one database need, safe to run again.
    ///
    /// Run it in one transaction, as a role that may create in the schemas concerned.
    package static func script(
        for definitions: [OutboxDefinition],
        schema: String = "postbox"
    ) throws(PostgresError) -> String {
        var parts = [sqlText("create_state")]
        if definitions.contains(where: \.isArchived) { parts.append(sqlText("create_archive")) }
        for definition in definitions { parts += try script(for: definition, schema: schema) }
        let quoted = try quotedIdentifier(schema)
        let literal = quotedLiteral(schema)
        return parts.map {
            $0.replacing("{{schema}}", with: quoted)
                .replacing("{{schema_literal}}", with: literal)
        }.joined(separator: "\n")
    }

    /// What a daemon needs that does not own the tables: to be run after the script, by the role
    /// that does.
    package static func grants(
        for definitions: [OutboxDefinition],
        schema: String = "postbox",
        to role: String
    ) throws(PostgresError) -> String {
        var parts = [sqlText("grant_state")]
        if definitions.contains(where: \.isArchived) { parts.append(sqlText("grant_archive")) }
        for definition in definitions {
            let table = try quotedName(definition.table)
            if definition.order == .none {
                parts.append(try filled("grant_intake", definition, schema: schema))
            }
            parts.append(
                sqlText("grant_table")
                    .replacing("{{table}}", with: table)
                    .replacing("{{table_literal}}", with: quotedLiteral(table))
                    .replacing(
                        "{{table_schema}}",
                        with: try quotedIdentifier(definition.table.schema)
                    )
            )
        }
        let (home, grantee) = (try quotedIdentifier(schema), try quotedIdentifier(role))
        return parts.map {
            $0.replacing("{{schema}}", with: home).replacing("{{role}}", with: grantee)
        }.joined(separator: "\n")
    }

    /// What one outbox needs beside Postbox's own tables.
    private static func script(
        for definition: OutboxDefinition,
        schema: String
    ) throws(PostgresError) -> [String] {
        let filled = { (name: String) throws(PostgresError) in
            try Self.filled(name, definition, schema: schema)
        }
        var parts: [String] = []
        if definition.columns == .postbox {
            parts.append(
                "CREATE SCHEMA IF NOT EXISTS \(try quotedIdentifier(definition.table.schema));\n"
            )
            parts.append(try filled("create_outbox"))
        } else if definition.order == .id, definition.columns.id == OutboxColumns.debezium.id {
            parts.append(try filled("add_order"))
        }
        if definition.order == .none { parts.append(try filled("create_intake")) }
        if definition.poll.notify { parts.append(try filled("create_notify")) }
        return parts
    }

    private static func filled(
        _ name: String,
        _ definition: OutboxDefinition,
        schema: String
    ) throws(PostgresError) -> String {
        let intake = definition.intakeTable(in: schema)
        let table = name == "create_intake" ? intake.name : definition.table.name
        return sqlText(name)
            .replacing("{{intake}}", with: try quotedName(intake))
            .replacing("{{table}}", with: try quotedName(definition.table))
            .replacing("{{id}}", with: try quotedIdentifier(definition.columns.id))
            .replacing("{{due_index}}", with: try indexName(table, "due"))
            .replacing("{{order_index}}", with: try indexName(table, "postbox_seq"))
    }

    /// PostgreSQL cuts names at 63 bytes.
    private static func indexName(
        _ table: String,
        _ ending: String
    ) throws(PostgresError) -> String {
        try quotedIdentifier("\(table.prefix(40))_\(ending)")
    }
}

extension OutboxDefinition {
    var isArchived: Bool {
        if case .archive = settle { true } else { false }
    }
}
