import Glibc
import Postgres
import TestKit
import Testing
import Threads

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct PostgresConnectionTests {
    @Test func `a connection works on a thread of its own, with its own name`() async throws {
        let connection = PostgresConnection(to: try PostgresTestServer.target(), name: "pg-named")
        let first = try await connection.withSession { _ in currentThreadID() }
        let second = try await connection.withSession { _ in currentThreadID() }
        #expect(first == second)
        #expect(first != currentThreadID())
        let rows = try await connection.query("SELECT $1::int8 + 1", [.int8(41)])
        #expect(rows.int64(0, 0) == 42)
    }

    @Test func `a connection makes a new session after a loss`() async throws {
        let connection = PostgresConnection(to: try PostgresTestServer.target())
        let pid = try await connection.withSession { $0.backendPID }
        let other = try PostgresTestServer.session()
        _ = try other.query("SELECT pg_terminate_backend($1, 10000)", [.int4(pid)])
        let error = await #expect(throws: PostgresError.self) {
            try await connection.run("SELECT 1")
        }
        #expect(error?.isConnectionLoss == true)
        #expect(try await connection.withSession { $0.backendPID } != pid)
    }

    @Test func `a transaction of a connection is one body`() async throws {
        let connection = PostgresConnection(to: try PostgresTestServer.target())
        let sum = try await connection.transaction { (tx: borrowing PostgresTransaction) in
            try tx.run("CREATE TEMP TABLE t (id int) ON COMMIT DROP; INSERT INTO t VALUES (1), (2)")
            return try tx.query("SELECT sum(id) FROM t").int64(0, 0)
        }
        #expect(sum == 3)
    }

    @Test func `a connection that is let go closes its session`() async throws {
        let watcher = try PostgresTestServer.session()
        var connection: PostgresConnection? = PostgresConnection(
            to: try PostgresTestServer.target()
        )
        let pid = try #require(try await connection?.withSession { $0.backendPID })
        connection = nil
        let alive = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1"
        while try watcher.query(alive, [.int4(pid)]).int64(0, 0) > 0 {}
    }

    @Test func `a host that never answers costs its deadline, and the next host is tried`() throws {
        let silent = try SilentListener()
        let refused = try PostgresTarget(
            conninfo: "host=127.0.0.1 port=\(silent.port) user=x",
            applicationName: "t"
        )
        let error = #expect(throws: PostgresError.self) {
            _ = try PostgresSession(connectingTo: refused, within: .milliseconds(50))
        }
        #expect(error?.isConnectionLoss == true)
        #expect(error?.isTransient == true)
        let good = try PostgresTestServer.session()
            .query("SELECT split_part(current_setting('unix_socket_directories'), ',', 1)").text(
                0,
                0
            )
        let both = try PostgresTarget(
            conninfo:
                "host=127.0.0.1,\(good) port=\(silent.port),5432 user=postgres dbname=postgres",
            applicationName: "t"
        )
        let session = try PostgresSession(connectingTo: both, within: .seconds(5))
        #expect(session.isAlive)
    }

    @Test func `connecting is interrupted by a wake signal`() throws {
        let silent = try SilentListener()
        let target = try PostgresTarget(
            conninfo: "host=127.0.0.1 port=\(silent.port)",
            applicationName: "t"
        )
        let wake = WakeSignal()
        wake.signal()
        let error = #expect(throws: PostgresError.self) {
            _ = try PostgresSession(
                connectingTo: target,
                within: .seconds(30),
                interruptedBy: wake
            )
        }
        guard case .interrupted = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a refusal by the server carries its SQLSTATE, and no password`() throws {
        let target = try PostgresTestServer.target().with(database: "no such database")
        let error = #expect(throws: PostgresError.self) {
            _ = try PostgresSession(connectingTo: target, within: .seconds(10))
        }
        #expect(error?.isMissingObject == true)
        #expect(error?.isTransient == false)
    }

    @Test func `the password is asked for at each connect, and its failure is a failed connect`()
        throws
    {
        struct Gone: Error {}
        let target = try PostgresTarget(
            conninfo: "host=127.0.0.1 port=1",
            applicationName: "t",
            password: { throw Gone() }
        )
        let error = #expect(throws: PostgresError.self) {
            _ = try PostgresSession(connectingTo: target, within: .seconds(1))
        }
        #expect(error?.isConnectionLoss == true)
    }
}

/// A port that takes connections in its backlog and never says a word.
private final class SilentListener {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 5) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        try #require(bound)
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        close(descriptor)
    }
}
