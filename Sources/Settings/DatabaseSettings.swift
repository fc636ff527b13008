/// How to reach a PostgreSQL database.
package struct DatabaseSettings: Sendable, Hashable {
    package let name: String
    /// A URL or connection string as libpq takes it, without a password.
    package let url: String
    package let password: SecretReference?
    /// Where Postbox's own tables are.
    package let schema: String

    init(name: String, reader: SettingsReader) {
        self.name = name
        url = reader.text("url") ?? ""
        password = reader.secret("password")
        schema = reader.text("schema") ?? ""
        if !schema.isEmpty, let problem = Self.problem(inSchema: schema) {
            reader.report("schema", problem)
        }
        if InlineSecret.isIn(connection: url) {
            reader.report(
                "url",
                "must not hold a password; give it as password: \(InlineSecret.advice)"
            )
        }
    }

    private static func problem(inSchema name: String) -> String? {
        if let problem = TextRule.problem(inIdentifier: name) { return problem }
        return name.hasPrefix("pg_") ? "must not begin with pg_: PostgreSQL refuses it" : nil
    }
}
