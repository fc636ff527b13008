import Postgres
import Testing

private func target(_ conninfo: String) throws(PostgresError) -> PostgresTarget {
    try PostgresTarget(conninfo: conninfo, applicationName: "postbox")
}

struct PostgresTargetTests {
    @Test(arguments: [
        ("postgresql://ann:S3cret@h:5433/shop", "host=h port=5433 dbname=shop user=ann"),
        ("host=a,b dbname=shop password=S3cret", "host=a,b dbname=shop"),
        ("postgresql:///shop?host=/run/postgresql", "host=/run/postgresql dbname=shop"),
        ("", "the local default"),
    ])
    func `a target shows host, port, database and user, and no password`(
        conninfo: String,
        shown: String
    ) throws {
        let target = try target(conninfo)
        #expect(target.description == shown)
        var dumped = ""
        dump(target, to: &dumped)
        #expect(!dumped.contains("S3cret") && !"\(Optional(target) as Any)".contains("S3cret"))
    }

    @Test(arguments: [
        "password=a S3cret", "S3cret", "S3cret=1", "password='S3cret",
        "postgresql://u:S3cret%zz@h/d", "postgresql://u:x@S3cret@h/d", "postgresql://[S3cret/d",
        "postgresql://h/d?S3cret=1", "postgresql://h/d?S3cret", "host=x port=1,2,S3cret",
        "password=S3cret\0",
    ])
    func `a mistake is told without a word of the text`(conninfo: String) {
        let error = #expect(throws: PostgresError.self) { _ = try target(conninfo) }
        #expect(!"\(String(describing: error))".contains("S3cret"))
        #expect(!String(reflecting: error).contains("S3cret"))
    }

    @Test func `another database is all that changes`() throws {
        let other = try target("host=h user=ann dbname=one").with(database: "two")
        #expect(other.description == "host=h dbname=two user=ann")
    }

    @Test func `an application's name is given unless there is one`() throws {
        #expect(try target("host=h").applicationName == "postbox")
        #expect(try target("host=h application_name=mine").applicationName == "mine")
    }
}

struct QualifiedNameTests {
    @Test(
        arguments: [
            ("outbox", nil, "outbox", "\"outbox\""),
            ("Postbox.Outbox", "postbox", "outbox", "\"postbox\".\"outbox\""),
            ("\"My.Schema\".\"a\"\"b\"", "My.Schema", "a\"b", "\"My.Schema\".\"a\"\"b\""),
        ] as [(String, String?, String, String)]
    )
    func `a name is read as SQL reads it`(
        text: String,
        schema: String?,
        name: String,
        quoted: String
    ) throws {
        let parsed = try QualifiedName(parsing: text)
        #expect(parsed.schema == schema)
        #expect(parsed.name == name)
        #expect(parsed.quoted == quoted)
    }

    @Test(arguments: [
        "", ".", "a.", ".a", "a.b.c", "\"a", "\"\"", "\"a\"b", "a\"b", "a\0b",
        String(repeating: "é", count: 32),
    ])
    func `a name that PostgreSQL would refuse or cut is refused`(text: String) {
        #expect(throws: PostgresError.self) { _ = try QualifiedName(parsing: text) }
    }
}
