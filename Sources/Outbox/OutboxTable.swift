import Messaging
import Postgres

/// A user's table as it is: which columns it has, and how a message is read out of them.
struct OutboxTable {
    let definition: OutboxDefinition
    /// Type name by column name.
    let types: [String: String]

    init(_ definition: OutboxDefinition, in session: PostgresSession) throws(PostgresError) {
        self.definition = definition
        let rows = try session.query(
            OutboxStatements.describeTable,
            [.text(definition.table.schema), .text(definition.table.name)]
        )
        types = Dictionary(
            uniqueKeysWithValues: (0..<rows.count).map { (rows.text($0, 0), rows.text($0, 1)) }
        )
    }

    var exists: Bool { !types.isEmpty }

    /// The columns of a read, in the order that `RecordPlan` counts on.
    func readColumns(schema: String) throws(PostgresError) -> String {
        let columns = definition.columns
        let own = [
            "o.\(try quotedIdentifier(columns.id))::int8 AS id",
            "\(try topicExpression) AS topic",
            "\(try lentKey) AS key",
            "\(try lentPayload) AS payload",
            "\(try size) AS size",
            "\(try lentHeaders(schema: schema)) AS headers",
            "\(try messageID) AS message_id",
            "\(try text(columns.type)) AS type",
            "\(try expression(columns.createdAt, as: "timestamptz")) AS created_at",
            "\(try delayed) AS delayed",
        ]
        return (own + [try chainExpression].compactMap(\.self)).joined(separator: ", ")
    }

    /// The chain's columns as one, which is NULL in most rows and then costs least.
    private var chainExpression: String? {
        get throws(PostgresError) {
            let links = try chain.map { (link) throws(PostgresError) in try text(link.column) }
            guard !links.isEmpty else { return nil }
            let isNone = links.map { "\($0) IS NULL" }.joined(separator: " AND ")
            return "CASE WHEN NOT (\(isNone)) THEN ARRAY[\(links.joined(separator: ", "))] END"
        }
    }

    /// The columns of the chain that the table has, with the headers they become.
    var chain: [(header: String, column: String)] {
        definition.columns.chain.filter { types[$0.column] != nil }
    }

    /// The columns of a row as Postbox's own tables store it.
    func storedColumns(schema: String) throws(PostgresError) -> String {
        let id = "o.\(try quotedIdentifier(definition.columns.id))::int8 AS id"
        return "\(id), \(try storedParts(schema: schema))"
    }

    /// The columns of a row on its way into the table that numbers it.
    func movedColumns(schema: String) throws(PostgresError) -> String {
        let column = definition.columns.availableAt
        let availableAt = try expression(column, as: "timestamptz")
        return "\(try storedParts(schema: schema)), \(availableAt) AS available_at"
    }

    private func storedParts(schema: String) throws(PostgresError) -> String {
        let columns = definition.columns
        let payload = "o.\(try quotedIdentifier(columns.payload))"
        let bytes =
            types[columns.payload] == "bytea"
            ? payload : "convert_to(\(payload)::text, 'UTF8')"
        return [
            "\(try text(columns.messageID)) AS message_id",
            "\(try topicExpression) AS topic",
            "\(try text(columns.key)) AS key",
            "\(try text(columns.type)) AS type",
            "\(bytes) AS payload",
            "\(try storedHeaders(schema: schema)) AS headers",
            "\(try expression(columns.createdAt, as: "timestamptz")) AS created_at",
        ].joined(separator: ", ")
    }

    /// A row's headers with its chain among them: Postbox's own tables have no columns for that.
    private func storedHeaders(schema: String) throws(PostgresError) -> String {
        let own = try headersExpression(schema: schema)
        let links = try RecordPlan.chainHeaders(of: self).map { (link) throws(PostgresError) in
            (name: quotedLiteral(link.name), value: try text(link.column))
        }
        guard !links.isEmpty else { return own }
        let values = links.map(\.value).joined(separator: ", ")
        let members = links.map { "\($0.name), \($0.value)" }.joined(separator: ", ")
        return """
            CASE WHEN num_nonnulls(\(values)) = 0 THEN \(own)
            ELSE coalesce(\(own), '{}'::jsonb)
                || jsonb_strip_nulls(jsonb_build_object(\(members))) END
            """
    }

    /// Not all that a column of type json may hold can be jsonb.
    func headersExpression(schema: String) throws(PostgresError) -> String {
        guard let column = definition.columns.headers, types[column] == "json" else {
            return try expression(definition.columns.headers, as: "jsonb")
        }
        return "\(try quotedIdentifier(schema)).headers(o.\(try quotedIdentifier(column)))"
    }

    var payloadKind: KafkaPayloadKind {
        types[definition.columns.payload] == "jsonb" ? .jsonb : .bytes
    }

    var messageIDIsUUID: Bool {
        definition.columns.messageID.flatMap { types[$0] } == "uuid"
    }

    private var messageID: String {
        get throws(PostgresError) {
            guard let column = definition.columns.messageID else { return "NULL::text" }
            return messageIDIsUUID ? "o.\(try quotedIdentifier(column))" : try text(column)
        }
    }

    private var delayed: String {
        get throws(PostgresError) {
            guard let column = definition.columns.availableAt else { return "false" }
            return "coalesce(o.\(try quotedIdentifier(column)) > now(), false)"
        }
    }

    private var topicExpression: String {
        get throws(PostgresError) {
            guard let template = definition.topic else {
                return try text(definition.columns.topic)
            }
            var parts: [String] = []
            for part in template.parts {
                switch part {
                case .literal(let text): parts.append(quotedLiteral(text))
                case .column(let name): parts.append(try text(name))
                }
            }
            return "(\(parts.joined(separator: " || ")))::text"
        }
    }

    func text(_ column: String?) throws(PostgresError) -> String {
        guard let column else { return "NULL::text" }
        let name = "o.\(try quotedIdentifier(column))"
        return types[column] == "text" ? name : "\(name)::text"
    }

    private func expression(_ column: String?, as type: String) throws(PostgresError) -> String {
        guard let column else { return "NULL::\(type)" }
        let name = "o.\(try quotedIdentifier(column))"
        return types[column] == type ? name : "\(name)::\(type)"
    }
}

/// How a payload column's bytes are to be taken.
enum KafkaPayloadKind {
    case bytes, jsonb
}

/// A constant within a statement: a name or a topic of the configuration, never a row's value.
func quotedLiteral(_ text: String) -> String {
    let doubled = text.replacing("'", with: "''").replacing("\\", with: "\\\\")
    return text.contains("\\") ? "E'\(doubled)'" : "'\(doubled)'"
}
