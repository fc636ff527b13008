/// The name of a table, function or type, with its schema where one is given.
package struct QualifiedName: Sendable, Hashable, CustomStringConvertible {
    package let schema: String?
    package let name: String

    /// The name as SQL takes it.
    package let quoted: String

    package init(schema: String?, name: String) throws(PostgresError) {
        self.schema = schema
        self.name = name
        let prefix = if let schema { try quotedIdentifier(schema) + "." } else { "" }
        quoted = try prefix + quotedIdentifier(name)
    }

    /// Reads `name`, `schema.name` or `"Any.thing"."else"`, as SQL would: what is not quoted is
    /// lower case.
    package init(parsing text: String) throws(PostgresError) {
        let parts = try identifiers(in: text)
        switch parts.count {
        case 1: try self.init(schema: nil, name: parts[0])
        case 2: try self.init(schema: parts[0], name: parts[1])
        default: throw .invalidIdentifier("a name has one or two parts, not \(parts.count)")
        }
    }

    package var description: String { quoted }
}

/// Quotes a name for SQL; refuses what PostgreSQL would refuse or silently cut.
package func quotedIdentifier(_ name: String) throws(PostgresError) -> String {
    guard !name.isEmpty else { throw .invalidIdentifier("a name is empty") }
    guard name.utf8.count <= 63 else {
        throw .invalidIdentifier("a name is longer than 63 bytes")
    }
    guard !name.utf8.contains(0) else { throw .invalidIdentifier("a name holds a NUL") }
    guard name.unicodeScalars.contains("\"") else { return "\"\(name)\"" }
    var quoted = "\""
    for scalar in name.unicodeScalars {
        if scalar == "\"" { quoted.unicodeScalars.append("\"") }
        quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
}

private func identifiers(in text: String) throws(PostgresError) -> [String] {
    var rest = text.unicodeScalars[...]
    var parts = [try nextIdentifier(in: &rest)]
    while let separator = rest.popFirst() {
        guard separator == "." else {
            throw .invalidIdentifier("a name goes on after its closing quote")
        }
        parts.append(try nextIdentifier(in: &rest))
    }
    return parts
}

private func nextIdentifier(
    in rest: inout String.UnicodeScalarView.SubSequence
) throws(PostgresError) -> String {
    guard rest.first == "\"" else {
        let end = rest.firstIndex(of: ".") ?? rest.endIndex
        let plain = String(rest[..<end])
        rest = rest[end...]
        guard !plain.unicodeScalars.contains("\"") else {
            throw .invalidIdentifier("a name has a quote in its middle")
        }
        return String(plain.map { $0.isASCII ? Character($0.lowercased()) : $0 })
    }
    rest.removeFirst()
    return try quotedRest(of: &rest)
}

/// What follows an opening quote, up to the closing one.
private func quotedRest(
    of rest: inout String.UnicodeScalarView.SubSequence
) throws(PostgresError) -> String {
    var name = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
        if scalar == "\"" {
            guard rest.first == "\"" else { return String(name) }
            rest.removeFirst()
        }
        name.append(scalar)
    }
    throw .invalidIdentifier("a name lacks its closing quote")
}
