import Glibc
import HTTP
import Kafka
import Postgres
import TestKit
import Testing
import Threads

/// The built daemon between a real PostgreSQL and each broker there is.
@Suite(.timeLimit(.minutes(5)))
struct DaemonTests {
    /// A daemon over a fresh database and topic, with one outbox in the default table.
    private struct Scene {
        let database: TestDatabase
        let broker: TestBroker
        let topic: String
        let reader: TopicReader
        let file: ConfigurationFile
        let daemon: ChildProcess

        init(_ database: TestDatabase, _ broker: TestBroker) async throws {
            self.broker = broker
            self.database = database
            topic = try broker.makeTopic()
            reader = TopicReader(topic: topic, cluster: broker.cluster)
            file = try ConfigurationFile(broker, database: database.conninfo)
            let applied = try await PostboxBinary.run(["migrate", "--apply", "--config", file.path])
            try #require(applied.code == 0, "\(applied.errors)")
            let words = ["run", "--config", file.path, "--socket", file.socket]
            daemon = try PostboxBinary.start(words)
            try #require(await daemon.says("msg=running"))
        }

        /// Inserts rows of ten keys and tells the reader of them.
        func insert(_ count: Int, topic: String? = nil) async throws {
            let name = topic ?? self.topic
            let rows = try await database.connection.withSession { session in
                let rows = try session.query(
                    """
                    INSERT INTO postbox.outbox (topic, key, payload)
                    SELECT '\(name)', 'key-' || n % 10, 'payload'
                    FROM generate_series(1, \(count)) AS n
                    RETURNING id, key
                    """
                )
                return (0..<rows.count).map { (id: rows.int64($0, 0), key: rows.textOrNil($0, 1)) }
            }
            reader.noteCommitted(rows)
        }

        func ask(_ words: [String]) async throws -> ChildProcessResult {
            try await PostboxBinary.run(words + ["--socket", file.socket])
        }

        /// Asks again and again until the answer holds all of the texts; the last one else.
        func wait(for texts: [String], at path: String) async -> String? {
            let client = HTTPClient(.unix(file.socket))
            return await blocking {
                let deadline = MonotonicTime.now + patience
                var answer = ""
                while MonotonicTime.now < deadline {
                    // An answer that does not come in time is asked for again.
                    answer = (try? client.get(path).bodyText) ?? answer
                    if texts.allSatisfy(answer.contains) { return nil }
                    pass(.milliseconds(20))
                }
                return answer
            }
        }
    }

    @Test(arguments: BrokerKind.available)
    func `rows are published, and a stop gives the lane back`(kind: BrokerKind) async throws {
        try await withTestDatabase { database in
            let scene = try await Scene(database, kind.broker())
            defer { scene.daemon.kill(SIGKILL) }
            try await scene.insert(5_000)
            let hasArrived = await scene.reader.has(distinct: 5_000)
            #expect(hasArrived, "\(scene.reader.problems)\n\(scene.daemon.errors?.text ?? "")")
            let status = [#""backlog":0,"#, #""owner":"one""#, #""publishedTotal":5000"#]
            let unlike = await scene.wait(for: status, at: "/status")
            #expect(unlike == nil, "\(unlike ?? "")")
            #expect(await scene.daemon.terminate() == .exited(0))
            let verdict = scene.reader.finish()
            #expect(verdict.holds && verdict.repeatCount == 0, "\(verdict)")
            let owned = "SELECT count(*) FROM postbox.lane WHERE expires_at > now()"
            #expect(try await database.number(owned) == 0)
            #expect(try await database.number("SELECT count(*) FROM postbox.outbox") == 0)
        }
    }

    @Test func `a dead letter is listed, shown, retried and discarded by command`() async throws {
        try await withTestDatabase { database in
            let scene = try await Scene(database, BrokerKind.builtIn.broker())
            defer { scene.daemon.kill(SIGKILL) }
            try await scene.insert(1, topic: "")
            let dead = [#""state":"dead""#]
            #expect(await scene.wait(for: dead, at: "/dead-letters") == nil)
            let shown = try await scene.ask(["dead-letters", "show", "--outbox", "shop", "1"])
            #expect(shown.code == 0, "\(shown.errors)")
            #expect(shown.output.contains("payload"))
            let retried = try await scene.ask(["dead-letters", "retry", "--outbox", "shop", "1"])
            #expect(retried.output == "1 message to be tried again\n")
            #expect(await scene.wait(for: dead, at: "/dead-letters") == nil)
            let discarded = try await scene.ask([
                "dead-letters", "discard", "--outbox", "shop", "1", "--yes",
            ])
            #expect(discarded.output == "1 message discarded\n")
            #expect(try await scene.ask(["dead-letters", "list"]).output == "")
            // Payloads go to those who ask for them, and to nobody else.
            #expect(await scene.daemon.terminate() == .exited(0))
            #expect(scene.daemon.errors?.text.contains("cGF5bG9hZA") == false)
        }
    }

    @Test func `a status that is asked for once tells what waits now`() async throws {
        try await withTestDatabase { database in
            let scene = try await Scene(database, BrokerKind.builtIn.broker())
            defer { scene.daemon.kill(SIGKILL) }
            #expect(await scene.daemon.says("owns the lane"))
            try scene.broker.goDown()
            for (count, backlog) in [(7, 7), (5, 12)] {
                try await scene.insert(count)
                let status = try await scene.ask(["status", "--json"])
                #expect(status.output.contains(#""backlog" : \#(backlog),"#), "\(status.output)")
            }
        }
    }

    @Test func `a count that failed is made again while somebody asks`() async throws {
        try await withTestDatabase { database in
            let scene = try await Scene(database, BrokerKind.builtIn.broker())
            defer { scene.daemon.kill(SIGKILL) }
            #expect(await scene.daemon.says("owns the lane"))
            try scene.broker.goDown()
            try await scene.insert(7)
            try await database.run("BEGIN; LOCK TABLE postbox.parked")
            let hasFailed = await soon {
                _ = await scene.wait(for: [], at: "/status")
                return scene.daemon.errors?.text.contains("could not be counted") == true
            }
            try await database.run("COMMIT")
            #expect(hasFailed)
            let status = try await scene.ask(["status", "--json"])
            #expect(status.output.contains(#""backlog" : 7,"#), "\(status.output)")
        }
    }

    @Test func `a second signal ends a daemon that waits for Kafka`() async throws {
        try await withTestDatabase { database in
            let mock = try MockBroker()
            let scene = try await Scene(database, .builtIn(mock))
            defer { scene.daemon.kill(SIGKILL) }
            try await scene.insert(1)
            #expect(await scene.reader.has(distinct: 1))
            // An answer that does not come keeps the first signal's farewell waiting.
            try mock.setRoundTrip(.seconds(60))
            try await scene.insert(10)
            #expect(await scene.wait(for: [#""inFlight":10,"#], at: "/status") == nil)
            scene.daemon.kill(SIGTERM)
            #expect(await scene.daemon.says("msg=stopping"))
            scene.daemon.kill(SIGTERM)
            #expect(await scene.daemon.ends() == .exited(1))
            #expect(try await database.number("SELECT count(*) FROM postbox.outbox") == 10)
        }
    }

    @Test func `without the tables it runs, and says what is missing`() async throws {
        try await withTestDatabase { database in
            let file = try ConfigurationFile(database: database.conninfo)
            let words = ["run", "--config", file.path, "--socket", file.socket]
            let daemon = try PostboxBinary.start(words)
            defer { daemon.kill(SIGKILL) }
            #expect(await daemon.says("does not exist"))
            _ = try await PostboxBinary.run(["migrate", "--apply", "--config", file.path])
            #expect(await daemon.says("owns the lane"))
        }
    }
}
