import Glibc
import Postgres
import TestKit
import Testing
import Threads

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct PostgresSessionTests {
    let session: PostgresSession

    init() throws {
        session = try PostgresTestServer.session()
    }

    @Test func `a session speaks UTF-8 and says who it is`() throws {
        #expect(session.parameterStatus("client_encoding") == "UTF8")
        #expect(session.serverVersion >= 140_000)
        let rows = try session.query("SELECT pg_backend_pid(), current_setting('application_name')")
        #expect(rows.int64(0, 0) == Int64(session.backendPID))
        #expect(rows.text(0, 1) == "postgres-tests")
    }

    @Test func `a script of several statements runs, and its first error is thrown`() throws {
        try session.run("CREATE TEMP TABLE t (id int); INSERT INTO t VALUES (1), (2); SELECT 1;")
        let error = refusal { try session.run("INSERT INTO t VALUES (3); SELECT 1 / 0; SELECT 2") }
        #expect(error?.sqlState.code == "22012")
        #expect(try session.query("SELECT count(*) FROM t").int64(0, 0) == 2)
    }

    @Test func `affected rows are counted`() throws {
        try session.run("CREATE TEMP TABLE t (id int)")
        let rows = try session.query("INSERT INTO t SELECT generate_series(1, 7)")
        #expect(rows.affectedCount == 7)
        #expect(rows.count == 0)
    }

    @Test func `an error carries its facts, and not the values in its description`() throws {
        try session.run("CREATE TEMP TABLE t (id text CONSTRAINT \"id is unique\" UNIQUE)")
        let insert = PostgresStatement(name: "insert", sql: "INSERT INTO t VALUES ($1)")
        _ = try session.query(insert, [.text("tomato")])
        let error = refusal { _ = try session.query(insert, [.text("tomato")]) }
        #expect(error?.constraint == "id is unique")
        #expect(error?.statement == "insert")
        #expect(error?.sqlState.isConstraintViolation == true)
        #expect(error?.detail?.contains("tomato") == true)
        #expect("\(try #require(error))".contains("tomato") == false)
    }

    @Test func `a statement survives that its table changed shape`() throws {
        try session.run("CREATE TEMP TABLE t (id int); INSERT INTO t VALUES (1)")
        let select = PostgresStatement(name: "Select All", sql: "SELECT * FROM t")
        #expect(try session.query(select).columnCount == 1)
        try session.run("ALTER TABLE t ADD other text")
        #expect(try session.query(select).columnCount == 2)
    }

    @Test func `a statement survives that the session was reset`() throws {
        let select = PostgresStatement(name: "select", sql: "SELECT 5")
        _ = try session.query(select)
        try session.run("DISCARD ALL")
        #expect(try session.query(select).int64(0, 0) == 5)
    }

    @Test func `within a transaction a lost statement fails once and is prepared anew after`()
        throws
    {
        let select = PostgresStatement(name: "select", sql: "SELECT 5")
        _ = try session.query(select)
        try session.run("DEALLOCATE ALL")
        #expect(throws: PostgresError.self) {
            try session.transaction { (tx: borrowing PostgresTransaction) in
                _ = try tx.query(select)
            }
        }
        let value = try session.transaction { (tx: borrowing PostgresTransaction) in
            try tx.query(select).int64(0, 0)
        }
        #expect(value == 5)
    }

    @Test func `a transaction commits when its body returns and rolls back when it throws`() throws
    {
        struct Stop: Error {}
        try session.run("CREATE TEMP TABLE t (id int)")
        let count = try session.transaction { (tx: borrowing PostgresTransaction) in
            try tx.query("INSERT INTO t VALUES (1)").affectedCount
        }
        #expect(count == 1)
        #expect(throws: Stop.self) {
            try session.transaction { (tx: borrowing PostgresTransaction) in
                try tx.run("INSERT INTO t VALUES (2)")
                throw Stop()
            }
        }
        #expect(!session.isInTransaction)
        #expect(try session.query("SELECT count(*) FROM t").int64(0, 0) == 1)
    }

    @Test func `a transaction whose body swallowed an error does not pass for committed`() throws {
        let error = #expect(throws: PostgresError.self) {
            try session.transaction { (tx: borrowing PostgresTransaction) in
                try? tx.run("SELECT 1 / 0")
            }
        }
        guard case .unexpectedResult = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(session.isAlive && !session.isInTransaction)
    }

    @Test func `a terminated backend is recognised as a loss, and every later call says so`() throws
    {
        try terminate(session)
        let first = #expect(throws: PostgresError.self) { try session.run("SELECT 1") }
        #expect(first?.isConnectionLoss == true)
        #expect(first?.isTransient == true)
        #expect(!session.isAlive)
        let calls: [() throws -> Void] = [
            { try session.run("SELECT 1") },
            { _ = try session.query("SELECT 1") },
            { try session.transaction { (_: borrowing PostgresTransaction) in } },
            { try session.copyIn("COPY t FROM STDIN") { _ in } },
            { try session.beginPipeline() },
            { try session.sendSync() },
            { _ = try session.flush() },
            { try session.consumeInput() },
            { _ = try session.takeNotifications() },
        ]
        for call in calls {
            let error = #expect(throws: PostgresError.self) { try call() }
            guard case .connectionLost = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test func `a connection lost during COMMIT leaves the outcome unknown`() throws {
        // The deferred trigger runs within the COMMIT and ends its own backend there.
        try session.run(
            """
            CREATE TEMP TABLE t (id int);
            CREATE FUNCTION pg_temp.end_me() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(30); END';
            CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION pg_temp.end_me();
            """
        )
        let error = #expect(throws: PostgresError.self) {
            try session.transaction { (tx: borrowing PostgresTransaction) in
                try tx.run("INSERT INTO t VALUES (1)")
            }
        }
        #expect(error?.outcomeIsUnknown == true)
        #expect(error?.isConnectionLoss == true)
    }

    @Test func `notifications arrive at a session that listens`() throws {
        let other = try PostgresTestServer.session()
        let channel = "news_\(session.backendPID)"
        try session.run("LISTEN \(channel)")
        try other.run("NOTIFY \(channel), 'one'; NOTIFY \(channel), 'two'")
        var received: [PostgresNotification] = []
        while received.count < 2 {
            var watched = [PollDescriptor(session.socket, .readable)]
            waitForReadiness(&watched, timeout: .seconds(10))
            try #require(watched[0].isReady)
            received += try session.takeNotifications()
        }
        #expect(received.map(\.payload) == ["one", "two"])
        #expect(received.allSatisfy { $0.channel == channel && $0.backendPID == other.backendPID })
    }

    @Test func `a running statement is cancelled from another thread`() throws {
        let cancel = try session.makeCancelHandle()
        let name = "cancel \(session.backendPID)"
        try session.run("SET application_name = '\(name)'")
        startThread(named: "canceller") {
            // Asked until the statement is under way: a cancel that comes too early is lost.
            guard let watcher = try? PostgresTestServer.session() else { return }
            let active =
                "SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND state = 'active'"
            while (try? watcher.query(active, [.text(name)]).count) == 0 {}
            cancel.cancel()
        }
        let error = refusal { try session.run("SELECT pg_sleep(30)") }
        #expect(error?.sqlState.isCancellation == true)
        #expect(try session.query("SELECT 1").int64(0, 0) == 1)
    }

    @Test func `a request without an answer ends at its deadline, and the session with it`() throws
    {
        session.requestTimeout = .milliseconds(50)
        let error = #expect(throws: PostgresError.self) { try session.run("SELECT pg_sleep(30)") }
        guard case .deadlinePassed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!session.isAlive)
    }

    @Test func `copy takes ten thousand rows, in text or binary`() throws {
        try session.run("CREATE TEMP TABLE t (id int, name text)")
        let count = try session.copyIn("COPY t FROM STDIN") { writer in
            for id in 1...10_000 { try writer.write("\(id)\tname \(id)\n") }
        }
        #expect(count == 10_000)
        let rows = try session.query("SELECT count(*), sum(id), max(length(name)) FROM t")
        #expect(rows.int64(0, 0) == 10_000)
        #expect(rows.int64(0, 1) == 50_005_000)
    }

    @Test func `a copy whose body throws leaves no rows, and one that fails says why`() throws {
        struct Stop: Error {}
        try session.run("CREATE TEMP TABLE t (id int)")
        #expect(throws: Stop.self) {
            try session.copyIn("COPY t FROM STDIN") { writer in
                try writer.write("1\n")
                throw Stop()
            }
        }
        var error: PostgresRejection?
        do {
            try session.copyIn("COPY t FROM STDIN") { try $0.write("no number\n") }
        } catch PostgresError.rejected(let rejection) {
            error = rejection
        }
        #expect(error?.sqlState.code == "22P02")
        #expect(throws: PostgresError.self) {
            try session.copyIn("COPY no_such_table FROM STDIN") { _ in }
        }
        #expect(try session.query("SELECT count(*) FROM t").int64(0, 0) == 0)
    }

    @Test func `a copy larger than all buffers meets an error in its middle without hanging`()
        throws
    {
        try session.run("CREATE TEMP TABLE t (id int)")
        let line = Array("12345678\n".utf8)
        let block = Array(repeatElement(line, count: 10_000).joined())
        #expect(throws: PostgresError.self) {
            try session.copyIn("COPY t FROM STDIN") { writer in
                try writer.write("wrong\n")
                for _ in 0..<200 { try writer.write(block) }
            }
        }
        #expect(try session.query("SELECT count(*) FROM t").int64(0, 0) == 0)
    }
}

extension PostgresSessionTests {
    private func refusal(_ body: () throws -> Void) -> PostgresRejection? {
        do {
            try body()
            return nil
        } catch PostgresError.rejected(let rejection) {
            return rejection
        } catch {
            Issue.record(error)
            return nil
        }
    }

    private func terminate(_ session: PostgresSession) throws {
        let other = try PostgresTestServer.session()
        let rows = try other.query(
            "SELECT pg_terminate_backend($1, 10000)",
            [.int4(session.backendPID)]
        )
        #expect(rows.bool(0, 0) == true)
    }
}
