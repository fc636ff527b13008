import Glibc
import Postgres

/// The one server that this module's own tests share; each makes what it needs with names of its
/// own, or in temporary tables.
enum PostgresTestServer {
    private static let shared: Result<PostgresPrivateServer, any Error> = Result {
        let server = try PostgresPrivateServer(settings: ["fsync": "off"])
        atexit { PostgresTestServer.removeServer() }
        return server
    }

    static func target() throws -> PostgresTarget {
        try PostgresTarget(conninfo: shared.get().conninfo(), applicationName: "postgres-tests")
    }

    private static func removeServer() {
        // Without a server there is nothing to remove.
        try? shared.get().remove()
    }

    static func session() throws -> PostgresSession {
        try PostgresSession(connectingTo: target(), within: .seconds(10))
    }
}
