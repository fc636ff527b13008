import Postgres
import TestKit
import Testing

/// Statements as one transaction, in one round trip or two.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct PostgresTogetherTests {
    let session: PostgresSession
    let note = PostgresStatement(
        name: "note",
        sql: "INSERT INTO noted SELECT 12 / $1 RETURNING number",
        parameters: [.int4]
    )

    init() throws {
        session = try PostgresTestServer.session()
        try session.run("CREATE TEMPORARY TABLE noted (number integer)")
    }

    private func request(_ index: Int, failing place: Int?) -> PostgresRequest {
        PostgresRequest(note, [.int4(index == place ? 0 : Int32(index) + 1)])
    }

    @Test(arguments: [nil, 0, 1, 2, 3], [true, false])
    func `either all of it is done, or nothing, and the error is told as it is`(
        place: Int?,
        isSplit: Bool
    ) throws {
        let requests = (0..<4).map { request($0, failing: place) }
        var seen: [Int64] = []
        let run = { () throws(PostgresError) in
            try session.runTogether(
                isSplit ? Array(requests[..<2]) : requests,
                { _, rows in seen.append(Int64(rows.int(0, 0))) },
                preparing: [note],
                then: isSplit ? { Array(requests[2...]) } : nil
            )
        }
        if let place {
            let error = #expect(throws: PostgresError.self) { try run() }
            #expect(error?.sqlState?.code == "22012", "\(String(describing: error))")
            #expect(seen.count == min(place, isSplit ? 2 : 4))
        } else {
            try run()
            #expect(seen == (isSplit ? [12, 6] : [12, 6, 4, 3]))
        }
        // The session goes on.
        try #require(session.isAlive)
        let count = try session.query("SELECT count(*) FROM noted").int64(0, 0)
        #expect(count == (place == nil ? 4 : 0))
    }

    @Test(arguments: [true, false])
    func `a refusal that only the commit sees is told as it is, and at once`(
        isSplit: Bool
    ) throws {
        try session.run("ALTER TABLE noted ADD UNIQUE (number) DEFERRABLE INITIALLY DEFERRED")
        // Far less than an answer that does not come would take.
        session.requestTimeout = .seconds(10)
        for _ in 0..<200 {
            let requests = [request(0, failing: nil), request(0, failing: nil)]
            let error = #expect(throws: PostgresError.self) {
                try session.runTogether(
                    isSplit ? Array(requests[..<1]) : requests,
                    preparing: [note],
                    then: isSplit ? { Array(requests[1...]) } : nil
                )
            }
            try #require(error?.sqlState?.code == "23505", "\(String(describing: error))")
        }
    }
}
