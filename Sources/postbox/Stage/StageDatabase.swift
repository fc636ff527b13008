import Postgres
import Synchronization
import Threads

/// The database of a run: in a PostgreSQL of its own, or a new one on a server that is there.
///
/// It is a whole database even there, so that nothing of anybody else's is ever touched, and
/// removing it removes everything.
final class StageDatabase: Sendable {
    private enum Home: Sendable {
        case own(PostgresPrivateServer)
        case guest(of: PostgresTarget)
    }

    /// How to connect, without a password.
    let conninfo: String
    let target: PostgresTarget
    private let name: String
    private let home: Home
    private let isRemoved = Mutex(false)

    /// Starts a private server.
    init(settings: [String: String] = [:]) throws {
        let server = try PostgresPrivateServer(settings: settings)
        home = .own(server)
        name = "postgres"
        conninfo = server.conninfo()
        target = try PostgresTarget(conninfo: conninfo, applicationName: "postbox-demo")
    }

    /// Creates a database on the server that the URL or connection string names.
    init(on url: String) throws {
        guard !holdsPassword(url) else { throw StageError.passwordInURL }
        let server = try PostgresTarget(conninfo: url, applicationName: "postbox-demo")
        name = "postbox_demo_\(UInt32.random(in: 0 ... .max))"
        home = .guest(of: server)
        conninfo = replacingDatabase(in: url, by: name)
        target = server.with(database: name)
        try PostgresSession(connectingTo: server, within: .seconds(10))
            .run("CREATE DATABASE \(quotedIdentifier(name))")
    }

    /// Creates a database beside another one.
    init(beside other: StageDatabase) throws {
        name = "postbox_demo_\(UInt32.random(in: 0 ... .max))"
        home = .guest(of: other.target)
        conninfo = replacingDatabase(in: other.conninfo, by: name)
        target = other.target.with(database: name)
        try other.session().run("CREATE DATABASE \(quotedIdentifier(name))")
    }

    deinit { remove() }

    /// The process of the private server, which is the parent of its backends.
    var serverPID: Int32? {
        if case .own(let server) = home { server.pid } else { nil }
    }

    func serverVersion() throws -> String {
        try session().query("SHOW server_version").text(0, 0)
    }

    func session() throws -> PostgresSession {
        try PostgresSession(connectingTo: target, within: .seconds(10))
    }

    func remove() {
        let wasRemoved = isRemoved.withLock { removed in
            defer { removed = true }
            return removed
        }
        guard !wasRemoved else { return }
        switch home {
        case .own(let server): server.remove()
        case .guest(let server):
            // Where the server cannot be reached any more, the database stays; its name says whose.
            try? PostgresSession(connectingTo: server, within: .seconds(10))
                .run("DROP DATABASE IF EXISTS \(quotedIdentifier(name)) WITH (FORCE)")
        }
    }
}

/// A password in the words of libpq, or before the host of a URL.
private func holdsPassword(_ text: String) -> Bool {
    if text.contains(/password\s*=/) { return true }
    guard let scheme = text.firstRange(of: "://") else { return false }
    let authority = text[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
    return authority.lastIndex(of: "@").map { authority[..<$0].contains(":") } ?? false
}

/// The same connection to another database.
package func replacingDatabase(in text: String, by name: String) -> String {
    guard let scheme = text.firstRange(of: "://") else { return "\(text) dbname=\(name)" }
    let rest = text[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let query = rest.firstIndex(of: "?").map { rest[$0...] } ?? ""
    return "\(text[..<scheme.upperBound])\(authority)/\(name)\(query)"
}
