/// A statement with a name, under which each session prepares it once.
package struct PostgresStatement: Sendable {
    package let name: String
    package let sql: String
    package let parameters: [PostgresType]

    /// Parameters may be left out at the end or altogether; the server then infers their types.
    package init(name: String, sql: String, parameters: [PostgresType] = []) {
        self.name = name
        self.sql = sql
        self.parameters = parameters
    }
}
