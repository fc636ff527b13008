import FoundationEssentials
import Postgres
import TestKit
import Testing
import Threads

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct TodoWorkerTests {
    private static func example(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../config/\(name)").standardized.path
    }

    @Test
    func `the workers shown as examples share the work, each message once and in order`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await TodoFixture(database)
            try await fixture.store(1...10_000, key: "'k' || i % 200")
            let workers = try start(on: database)
            let isDone = try await soon(within: .seconds(60)) {
                try await database.number("SELECT count(*) FROM postbox.todo") == 0
            }
            for worker in workers {
                #expect(worker.exitStatus == nil, "\(worker.errors?.text ?? "")")
                worker.stop()
            }
            #expect(isDone)
            let applied = try await database.number("SELECT count(DISTINCT version) FROM diary")
            #expect(applied == 10_000)
            #expect(try await fixture.violations() == 0)
            let shares = try await database.number("SELECT count(DISTINCT worker) FROM diary")
            #expect(shares == 2)
        }
    }

    private func start(on database: TestDatabase) throws -> [ChildProcess] {
        var options = ChildProcessOptions()
        options.output = .discarded
        options.errors = .collected
        options.added = ["PGAPPNAME": "python"]
        let python = try ChildProcess(
            ["/usr/bin/python3", Self.example("worker.py"), database.conninfo, "shop"],
            options: options
        )
        options.added = ["PGAPPNAME": "psql"]
        let psql = try ChildProcess(
            [
                "psql", "-X", "-v", "inbox=shop", "-f", Self.example("worker.sql"),
                database.conninfo,
            ],
            options: options
        )
        return [python, psql]
    }
}
