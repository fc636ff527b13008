/// How to reach a PostgreSQL database.
package struct DatabaseSettings: Sendable, Hashable {
    package let name: String
    /// A URL or connection string as libpq takes it, without a password.
    package let url: String
    package let password: SecretReference?

    init(name: String, reader: SettingsReader) {
        self.name = name
        url = reader.text("url") ?? ""
        password = reader.secret("password")
        if InlineSecret.isIn(connection: url) {
            reader.report(
                "url",
                "must not hold a password; give it as password: \(InlineSecret.advice)"
            )
        }
    }
}
