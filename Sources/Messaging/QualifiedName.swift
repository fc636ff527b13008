/// A schema and the name of a thing in it, as written, unquoted: `postbox.outbox`.
package struct QualifiedName: Sendable, Hashable, CustomStringConvertible {
    package let schema: String
    package let name: String

    package init(schema: String, name: String) {
        self.schema = schema
        self.name = name
    }

    /// Reads `schema.name`; a name alone stands in `public`.
    ///
    /// Nil when a part is empty or there are more than two.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.init(
            schema: parts.count == 2 ? String(parts[0]) : "public",
            name: String(parts[parts.count - 1])
        )
    }

    package var description: String { "\(schema).\(name)" }
}
