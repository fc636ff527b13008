import FoundationEssentials
package import Postgres

/// A database that exists for one test.
package struct TestDatabase: Sendable {
    package let name: String
    package let server: PostgresPrivateServer
    /// A connection to it, for the test's own questions.
    package let connection: PostgresConnection

    fileprivate init(named name: String, on server: PostgresPrivateServer) throws(PostgresError) {
        self.name = name
        self.server = server
        connection = PostgresConnection(
            to: try PostgresTarget(
                conninfo: server.conninfo(database: name),
                applicationName: "test"
            ),
            name: "test-db"
        )
    }

    package var conninfo: String { server.conninfo(database: name) }

    /// How code under test connects, under a name of its own.
    package func target(applicationName: String = "postbox") throws(PostgresError) -> PostgresTarget
    {
        try PostgresTarget(conninfo: conninfo, applicationName: applicationName)
    }

    package func run(_ script: String) async throws {
        try await connection.run(script)
    }

    /// The one number that a query gives.
    package func number(_ sql: String) async throws -> Int64 {
        try await connection.withSession { session in
            try session.query("SELECT (\(sql))::int8").int64(0, 0)
        }
    }

    /// The first column of a query as text; NULL gives nil.
    package func texts(_ sql: String) async throws -> [String?] {
        try await connection.withSession { session in
            let rows = try session.query("SELECT t.v::text FROM (\(sql)) t(v)")
            return (0..<rows.count).map { rows.textOrNil($0, 0) }
        }
    }

    /// Ends a prepared transaction's life; a database cannot be dropped while one holds it.
    fileprivate func rollBackPrepared() async throws {
        let pending = try await texts(
            "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"
        )
        for case let gid? in pending { try await run("ROLLBACK PREPARED '\(gid)'") }
    }
}

/// Lends a fresh database to a test and drops it after, however the test ends.
///
/// `server` is the one that all tests share unless the test stops it.
package func withTestDatabase<Result>(
    on server: PostgresPrivateServer? = nil,
    _ body: (TestDatabase) async throws -> Result
) async throws -> Result {
    let server = try server ?? TestServers.postgres()
    let name = "test_" + UUID().uuidString.lowercased().filter { $0 != "-" }
    try await administrate("CREATE DATABASE \(name)", on: server)
    let database = try TestDatabase(named: name, on: server)
    do {
        let result = try await body(database)
        do {
            try await drop(database)
        } catch {
            // It says nothing of what was tested, and leaves a database of a server that will go.
            print("a test's database was not dropped: \(error)")
        }
        return result
    } catch {
        // The test's own error is the one to see; a failed cleanup only leaves a database behind.
        try? await drop(database)
        throw error
    }
}

private func drop(_ database: TestDatabase) async throws {
    try await database.rollBackPrepared()
    await database.connection.disconnect()
    try await administrate("DROP DATABASE \(database.name) WITH (FORCE)", on: database.server)
}

private func administrate(_ sql: String, on server: PostgresPrivateServer) async throws {
    let target = try PostgresTarget(conninfo: server.conninfo(), applicationName: "test-admin")
    try await PostgresConnection(to: target, name: "test-admin").run(sql)
}
