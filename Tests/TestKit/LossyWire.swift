import Glibc
package import Postgres
import Synchronization
import Threads

/// A line to PostgreSQL that breaks at the worst moment: a request was carried out and its answer is
/// lost, or the answer is there and nothing more can be asked.
package final class LossyWire: Sendable {
    private struct State {
        /// What stands in the request whose answer is to be lost.
        var wanted: [UInt8]?
        /// What stands in the answer that is the last one.
        var wantedLast: [UInt8]?
        var hasLost = false
    }

    private static let socketName = ".s.PGSQL.5432"

    private let folder: TemporaryFolder
    private let state = Mutex(State())
    private let ended = WakeSignal()

    fileprivate init() throws { folder = try TemporaryFolder(name: "postbox-wire") }

    /// How code under test connects to a database through it.
    package func target(of database: TestDatabase) throws(PostgresError) -> PostgresTarget {
        try PostgresTarget(
            conninfo: "host=\(folder.path) dbname=\(database.name) user=postgres",
            applicationName: "postbox"
        )
    }

    /// From now on, and once: the connection whose request holds the text breaks when the server's
    /// answer to it is there.
    package func loseAnswer(to text: String) {
        state.withLock { $0 = State(wanted: Array(text.utf8)) }
    }

    /// From now on, and once: a connection breaks when an answer that holds the text was delivered.
    package func breakAfterAnswer(with text: String) {
        state.withLock { $0 = State(wantedLast: Array(text.utf8)) }
    }

    /// Whether it broke as it should.
    package var hasLost: Bool { state.withLock { $0.hasLost } }

    /// Takes connections until the end, and carries each to the server on a thread of its own.
    fileprivate func open(to server: PostgresPrivateServer) throws {
        let listener = try openSocket(at: "\(folder.path)/\(Self.socketName)") {
            bind($0, $1, $2) == 0 && listen($0, 16) == 0
        }
        let path = "\(server.host)/\(Self.socketName)"
        startThread(named: "wire") {
            var watched = self.watching([listener])
            while waitForReadiness(&watched, timeout: nil) > 0, !watched[1].isReady {
                let client = accept(listener, nil, nil)
                startThread(named: "wire-session") {
                    defer { hangUp(client) }
                    // Where no server is, the client finds none either.
                    guard let server = try? openSocket(at: path, { connect($0, $1, $2) == 0 })
                    else { return }
                    defer { hangUp(server) }
                    self.carry(client, server)
                }
            }
            hangUp(listener)
        }
    }

    fileprivate func end() { ended.signal() }

    /// Carries bytes both ways, until one side ends or the answer is to be lost.
    private func carry(_ client: Int32, _ server: Int32) {
        var watched = watching([client, server])
        var isDoomed = false
        var tail: [UInt8] = []
        while waitForReadiness(&watched, timeout: nil) > 0, !watched[2].isReady {
            if watched[0].isReady {
                let request = receive(from: client)
                isDoomed = isDoomed || takes(request)
                guard deliver(request, to: server) else { return }
            }
            if watched[1].isReady {
                let answer = receive(from: server)
                guard !isDoomed else { return state.withLock { $0.hasLost = true } }
                let isLast = isLast(tail + answer)
                guard deliver(answer, to: client), !isLast else { return }
                tail = Array((tail + answer).suffix(64))
            }
        }
    }

    private func watching(_ descriptors: [Int32]) -> [PollDescriptor] {
        (descriptors + [ended.descriptor]).map { PollDescriptor($0, .readable) }
    }

    private func isLast(_ answer: [UInt8]) -> Bool {
        state.withLock { state in
            guard let wanted = state.wantedLast, answer.contains(wanted) else { return false }
            state = State(hasLost: true)
            return true
        }
    }

    private func takes(_ request: [UInt8]) -> Bool {
        state.withLock { state in
            guard let wanted = state.wanted, request.contains(wanted) else { return false }
            state.wanted = nil
            return true
        }
    }
}

/// Lends a wire to a test, and takes it down after.
package func withLossyWire<Result>(
    to server: PostgresPrivateServer,
    _ body: (LossyWire) async throws -> Result
) async throws -> Result {
    let wire = try LossyWire()
    defer { wire.end() }
    try wire.open(to: server)
    return try await body(wire)
}

private func receive(from descriptor: Int32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return Array(bytes.prefix(max(0, count)))
}

/// False when there is nothing, for the one side has ended, or the other takes it no more.
private func deliver(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    !bytes.isEmpty && send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) > 0
}

/// Ends a connection, even where a child process has inherited it.
private func hangUp(_ descriptor: Int32) {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
}

private func openSocket(
    at path: String,
    _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
) throws(ChildProcessError) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    // Safety: a sockaddr_un begins as every sockaddr does, and outlives the call.
    let isOpen = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body(descriptor, $0, size) }
    }
    guard isOpen else { throw .cannotOpen(path, errno: errno) }
    return descriptor
}
