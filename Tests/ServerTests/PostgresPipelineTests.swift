import Postgres
import TestKit
import Testing
import Threads

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct PostgresPipelineTests {
    let session: PostgresSession
    let divide = PostgresStatement(
        name: "divide",
        sql: "SELECT 12 / $1",
        parameters: [.int4]
    )

    init() throws {
        session = try PostgresTestServer.session()
        try session.prepare([divide])
    }

    @Test(arguments: 0..<5)
    func `an error at any place gives one event per statement and spares the next stretch`(
        place: Int
    ) throws {
        try session.beginPipeline()
        for index in 0..<5 {
            try session.send(divide, [.int4(index == place ? 0 : Int32(index) + 1)])
        }
        try session.sendSync()
        try session.send(divide, [.int4(4)])
        try session.sendSync()
        let events = try collectEvents(8)
        let expected =
            (0..<place).map { "rows \(12 / ($0 + 1))" } + ["failed 22012"]
            + Array(repeating: "aborted", count: 4 - place) + ["synced", "rows 3", "synced"]
        #expect(events == expected)
        #expect(try session.nextEvent() == nil)
        try session.endPipeline()
        #expect(try session.query("SELECT 1").int64(0, 0) == 1)
    }

    @Test func `a pipeline with events to come cannot be left`() throws {
        try session.beginPipeline()
        try session.send(divide, [.int4(1)])
        try session.sendSync()
        #expect(throws: PostgresError.self) { try session.endPipeline() }
        _ = try collectEvents(2)
        try session.endPipeline()
    }

    @Test func `a stretch with an error leaves no trace, the one before it stays`() throws {
        try session.run("CREATE TEMP TABLE t (id int)")
        let insert = PostgresStatement(
            name: "insert",
            sql: "INSERT INTO t VALUES (12 / $1)",
            parameters: [.int4]
        )
        try session.prepare([insert])
        try session.beginPipeline()
        for divisor: Int32 in [1, 2] { try session.send(insert, [.int4(divisor)]) }
        try session.sendSync()
        for divisor: Int32 in [3, 0] { try session.send(insert, [.int4(divisor)]) }
        try session.sendSync()
        _ = try collectEvents(6)
        try session.endPipeline()
        let rows = try session.query("SELECT array_agg(id ORDER BY id) FROM t")
        #expect(rows.int64Array(0, 0) == [6, 12])
    }

    @Test func `more than the buffers hold flows both ways`() throws {
        let echo = PostgresStatement(
            name: "echo",
            sql: "SELECT $1",
            parameters: [.bytea]
        )
        try session.prepare([echo])
        try session.beginPipeline()
        let payload = [UInt8](repeating: 7, count: 1_000_000)
        for _ in 0..<30 { try session.send(echo, [.bytea(payload)]) }
        try session.sendSync()
        var count = 0
        try drive { event in
            if case .rows(let rows) = event {
                #expect(rows.length(0, 0) == payload.count)
                count += 1
                return false
            }
            return true
        }
        #expect(count == 30)
    }

    @Test func `a backend that ends amid a pipeline is a loss`() throws {
        let sleep = PostgresStatement(name: "sleep", sql: "SELECT pg_sleep(30)::text")
        try session.prepare([sleep])
        try session.beginPipeline()
        try session.send(sleep)
        try session.sendSync()
        #expect(try session.flush())
        let other = try PostgresTestServer.session()
        _ = try other.query("SELECT pg_terminate_backend($1, 10000)", [.int4(session.backendPID)])
        let error = #expect(throws: PostgresError.self) { _ = try collectEvents(2) }
        #expect(error?.isConnectionLoss == true)
        #expect(!session.isAlive)
    }

    @Test func `a statement that the server forgot can be prepared again after the pipeline`()
        throws
    {
        try session.run("DEALLOCATE ALL")
        try session.beginPipeline()
        try session.send(divide, [.int4(1)])
        try session.sendSync()
        #expect(try collectEvents(2) == ["failed 26000", "synced"])
        try session.endPipeline()
        try session.prepare([divide])
        #expect(try session.query(divide, [.int4(6)]).int64(0, 0) == 2)
    }

    @Test func `notifications pass through a pipeline`() throws {
        let channel = "pipe_\(session.backendPID)"
        try session.run("LISTEN \(channel)")
        try session.beginPipeline()
        let other = try PostgresTestServer.session()
        try other.run("NOTIFY \(channel), 'hello'")
        var watched = [PollDescriptor(session.socket, .readable)]
        waitForReadiness(&watched, timeout: .seconds(10))
        #expect(try session.takeNotifications().map(\.payload) == ["hello"])
        try session.send(divide, [.int4(1)])
        try session.sendSync()
        #expect(try collectEvents(2) == ["rows 12", "synced"])
    }
}

extension PostgresPipelineTests {
    /// Polls as the hot loop does, until `isLast` has seen its event.
    private func drive(
        until isLast: (consuming PostgresPipelineEvent) throws -> Bool
    ) throws(PostgresError) {
        while true {
            while let event = try session.nextEvent() {
                do { if try isLast(event) { return } } catch { throw .unexpectedResult("\(error)") }
            }
            let isWritten = try session.flush()
            let wanted: PollDescriptor.Events = isWritten ? .readable : [.readable, .writable]
            var watched = [PollDescriptor(session.socket, wanted)]
            waitForReadiness(&watched, timeout: .seconds(10))
            guard watched[0].isReady else { throw .deadlinePassed(during: "the test") }
            if watched[0].ready.contains(.readable) { try session.consumeInput() }
        }
    }

    private func collectEvents(_ count: Int) throws(PostgresError) -> [String] {
        var seen: [String] = []
        try drive { event in
            seen.append(words(for: event))
            return seen.count == count
        }
        return seen
    }

    private func words(for event: consuming PostgresPipelineEvent) -> String {
        switch consume event {
        case .rows(let rows): rows.count > 0 ? "rows \(rows.int64(0, 0))" : "rows"
        case .failed(let error): "failed \(error.sqlState?.code ?? "")"
        case .aborted: "aborted"
        case .synced: "synced"
        }
    }
}
