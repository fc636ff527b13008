import Postgres
import TestKit
import Testing

@Suite(.mayBlock)
struct PrivateServerTests {
    /// The ways in which the server can go and come back.
    enum End: String, CaseIterable, Sendable {
        case fast, immediate, crash
    }

    @Test(arguments: End.allCases)
    func `what was committed is there after the server comes back`(_ end: End) async throws {
        let server = try PostgresPrivateServer()
        try await withTestDatabase(on: server) { database in
            try await database.run("CREATE TABLE kept (id bigint); INSERT INTO kept VALUES (1)")
            switch end {
            case .fast: try server.restart(.fast)
            case .immediate: try server.restart(.immediate)
            case .crash:
                server.kill()
                try server.start()
            }
            // The old session is lost; how its loss is told is the driver's own test.
            await database.connection.disconnect()
            let count = try await database.number("SELECT count(*) FROM kept")
            #expect(count == 1)
        }
    }

    @Test func `the private server keeps what it promises`() async throws {
        let server = try PostgresPrivateServer()
        try await withTestDatabase(on: server) { database in
            let names = ["fsync", "synchronous_commit", "full_page_writes", "listen_addresses"]
            let list = names.map { "'\($0)'" }.joined(separator: ",")
            let values = try await database.texts(
                "SELECT current_setting(n) FROM unnest(ARRAY[\(list)]) n"
            )
            #expect(values == ["on", "on", "on", ""])
        }
    }

    @Test func `a server that cannot start says why`() {
        #expect {
            try PostgresPrivateServer(settings: ["shared_buffers": "nonsense"])
        } throws: { error in
            "\(error)".contains("shared_buffers")
        }
    }
}
