import Messaging
import Postgres

/// What a row weighs, measured where it stands: only rows within the reader's bound ($3) are lent.
///
/// Payload, key and headers count, as bytes of a record. Each of them is lent if it is within the
/// bound by itself, and the row is published if all are together.
extension OutboxTable {
    var lentKey: String {
        get throws(PostgresError) {
            lent(try text(definition.columns.key), if: try keySize)
        }
    }

    var lentPayload: String {
        get throws(PostgresError) {
            let payload = "o.\(try quotedIdentifier(definition.columns.payload))"
            return lent(payload, if: try payloadSize)
        }
    }

    func lentHeaders(schema: String) throws(PostgresError) -> String {
        lent(try headersExpression(schema: schema), if: try headersSize)
    }

    private func lent(_ value: String, if size: String?) -> String {
        size.map { "CASE WHEN \($0) <= $3 THEN \(value) END" } ?? value
    }

    /// A row is as large as its key alone if that is not lent: it is read again then, for without its
    /// key nobody would wait behind it.
    var size: String {
        get throws(PostgresError) {
            let key = try keySize
            let parts = [try payloadSize, key, try headersSize].compactMap(\.self)
            let sum = parts.map { "coalesce(\($0), 0)::int8" }.joined(separator: " + ")
            return key.map { "CASE WHEN \($0) > $3 THEN \($0)::int8 ELSE \(sum) END" } ?? sum
        }
    }

    private var payloadSize: String {
        get throws(PostgresError) { try size(of: definition.columns.payload) }
    }

    private var keySize: String? {
        get throws(PostgresError) {
            try definition.columns.key.map { (column) throws(PostgresError) in
                try size(of: column)
            }
        }
    }

    private var headersSize: String? {
        get throws(PostgresError) {
            try definition.columns.headers.map { (column) throws(PostgresError) in
                try size(of: column)
            }
        }
    }

    private func size(of column: String) throws(PostgresError) -> String {
        let value = "o.\(try quotedIdentifier(column))"
        return switch types[column] {
        case "bytea", "text", "varchar": "octet_length(\(value))"
        case "json": "octet_length(\(value)::text)"
        case "jsonb": jsonbSize(value)
        default: "pg_column_size(\(value))"
        }
    }

    /// A jsonb value is written out to be measured only where it is large: its binary form, which
    /// costs nothing to measure unless it is compressed, is about as long.
    private func jsonbSize(_ value: String) -> String {
        let binary = """
            CASE WHEN pg_column_compression(\(value)) IS NULL THEN pg_column_size(\(value)) \
            ELSE pg_column_size(\(value) #> '{}') END
            """
        return "CASE WHEN \(binary) <= $3 THEN \(binary) ELSE octet_length(\(value)::text) END"
    }
}
