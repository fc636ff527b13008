/// Finds secrets that were written where everybody reads them.
enum InlineSecret {
    static let advice = "{ file: … }, { env: … } or { credential: … }"

    /// Whether a PostgreSQL URL or connection string holds a password.
    ///
    /// Rather too strict: a name with `@` in it can be written as `%40`.
    static func isIn(connection text: String) -> Bool {
        text.lowercased().contains(/password\s*=/) || holdsUserAndPassword(text)
    }

    /// Whether a property of librdkafka is one that must stay secret.
    static func isIn(property name: String) -> Bool {
        let parts = ["password", "secret", ".pem", "oauthbearer.config"]
        return name == "ssl_key" || parts.contains { name.contains($0) }
    }

    /// `scheme://user:password@host`, up to the parameters.
    private static func holdsUserAndPassword(_ text: String) -> Bool {
        guard let scheme = text.firstRange(of: "://") else { return false }
        let address = text[scheme.upperBound...].prefix { $0 != "?" }
        guard let end = address.lastIndex(of: "@") else { return false }
        return address[..<end].contains(":")
    }
}
