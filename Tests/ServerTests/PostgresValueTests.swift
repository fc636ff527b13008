import CCells
import FoundationEssentials
import Postgres
import TestKit
import Testing

/// A value on its way to the server and back, and the same as text written by the server.
private struct RoundTrip: CustomTestStringConvertible, Sendable {
    let type: String
    let value: PostgresValue
    /// What the server makes of it, as SQL would print it.
    let printed: String?
    let comesBack: @Sendable (borrowing PostgresRows) -> Bool

    var testDescription: String { "\(type) \(printed ?? "NULL")" }

    init(
        _ type: String,
        _ value: PostgresValue,
        prints printed: String?,
        _ comesBack: @escaping @Sendable (borrowing PostgresRows) -> Bool
    ) {
        self.type = type
        self.value = value
        self.printed = printed
        self.comesBack = comesBack
    }
}

private let someID = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255))
private let someTime = PostgresTimestamp(microsecondsSince1970: 1_000_001)

private let scalars: [RoundTrip] = [
    RoundTrip("bool", .bool(true), prints: "true") { $0.bool(0, 0) },
    RoundTrip("bool", .bool(false), prints: "false") { !$0.bool(0, 0) },
    RoundTrip("int2", .int2(-2), prints: "-2") { $0.int64(0, 0) == -2 },
    RoundTrip("int4", .int4(.min), prints: "-2147483648") { $0.int64(0, 0) == Int64(Int32.min) },
    RoundTrip("int8", .int8(.max), prints: "9223372036854775807") { $0.int64(0, 0) == .max },
    RoundTrip("float8", .float8(-0.5), prints: "-0.5") { $0.double(0, 0) == -0.5 },
    RoundTrip("text", .text(""), prints: "") { $0.text(0, 0).isEmpty },
    RoundTrip("text", .text("å∫\n'\"\\"), prints: "å∫\n'\"\\") { $0.text(0, 0) == "å∫\n'\"\\" },
    RoundTrip("bytea", .bytea([]), prints: "\\x") { $0.bytes(0, 0).isEmpty },
    RoundTrip("bytea", .bytea([0, 1, 0, 255]), prints: "\\x000100ff") {
        $0.bytes(0, 0) == [0, 1, 0, 255]
    },
    RoundTrip("uuid", .uuid(someID), prints: "01020304-0506-0708-090a-0b0c0d0e0fff") {
        $0.uuid(0, 0) == someID
    },
    RoundTrip("json", .json("{ \"a\":1}"), prints: "{ \"a\":1}") { $0.text(0, 0) == "{ \"a\":1}" },
    RoundTrip("jsonb", .jsonb("{\"a\":1}"), prints: "{\"a\": 1}") {
        $0.jsonb(0, 0) == "{\"a\": 1}"
    },
    RoundTrip("timestamptz", .timestamptz(someTime), prints: "1970-01-01 00:00:01.000001+00") {
        $0.timestamp(0, 0) == someTime
    },
    RoundTrip("timestamptz", .timestamptz(.infinity), prints: "infinity") {
        $0.timestamp(0, 0) == .infinity
    },
    RoundTrip("timestamptz", .timestamptz(.negativeInfinity), prints: "-infinity") {
        $0.timestamp(0, 0) == .negativeInfinity
    },
    RoundTrip("tid", .tid(PostgresRowLocation(block: 70_000, offset: 3)), prints: "(70000,3)") {
        $0.rowLocation(0, 0) == PostgresRowLocation(block: 70_000, offset: 3)
    },
    RoundTrip("text", .null, prints: nil) { $0.isNull(0, 0) && $0.textOrNil(0, 0) == nil },
    RoundTrip("int8", .null, prints: nil) { $0.int64OrNil(0, 0) == nil },
]

private let arrays: [RoundTrip] = [
    RoundTrip("bool[]", .boolArray([true, false]), prints: "{t,f}") {
        $0.boolArray(0, 0) == [true, false]
    },
    RoundTrip("int2[]", .int2Array([1, -1]), prints: "{1,-1}") { $0.int64Array(0, 0) == [1, -1] },
    RoundTrip("int4[]", .int4Array([1, -1]), prints: "{1,-1}") { $0.int64Array(0, 0) == [1, -1] },
    RoundTrip("int8[]", .int8Array([]), prints: "{}") { $0.int64Array(0, 0).isEmpty },
    RoundTrip("int8[]", .int8Array([.min, 0]), prints: "{-9223372036854775808,0}") {
        $0.int64Array(0, 0) == [.min, 0]
    },
    RoundTrip("int8[]", .optionalInt8Array([7, nil]), prints: "{7,NULL}") {
        $0.optionalInt64Array(0, 0) == [7, nil]
    },
    RoundTrip("float8[]", .float8Array([1.5]), prints: "{1.5}") { $0.doubleArray(0, 0) == [1.5] },
    RoundTrip("text[]", .textArray(["a b", nil, ""]), prints: "{\"a b\",NULL,\"\"}") {
        $0.textArray(0, 0) == ["a b", nil, ""]
    },
    RoundTrip("bytea[]", .byteaArray([[0], nil, []]), prints: "{\"\\\\x00\",NULL,\"\\\\x\"}") {
        $0.bytesArray(0, 0) == [[0], nil, []]
    },
    RoundTrip(
        "uuid[]",
        .uuidArray([someID, nil]),
        prints: "{01020304-0506-0708-090a-0b0c0d0e0fff,NULL}"
    ) { $0.uuidArray(0, 0) == [someID, nil] },
    RoundTrip("jsonb[]", .jsonbArray(["1", nil]), prints: "{1,NULL}") {
        $0.jsonbArray(0, 0) == ["1", nil]
    },
    RoundTrip(
        "timestamptz[]",
        .timestamptzArray([someTime, nil]),
        prints: "{\"1970-01-01 00:00:01.000001+00\",NULL}"
    ) { $0.timestampArray(0, 0) == [someTime, nil] },
    RoundTrip(
        "tid[]",
        .tidArray([PostgresRowLocation(block: 1, offset: 2)]),
        prints: "{\"(1,2)\"}"
    ) { $0.rowLocationArray(0, 0) == [PostgresRowLocation(block: 1, offset: 2)] },
]

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct PostgresValueTests {
    @Test(arguments: scalars + arrays)
    fileprivate func `a value comes back as it went, and the server sees it so`(
        _ trip: RoundTrip
    ) throws {
        let session = try PostgresTestServer.session()
        try session.run("SET timezone = 'UTC'")
        let rows = try session.query(
            "SELECT $1::\(trip.type), $1::\(trip.type)::text",
            [trip.value]
        )
        #expect(trip.comesBack(rows) == true)
        #expect(rows.textOrNil(0, 1) == trip.printed)
    }

    @Test func `random bytes come back whole, alone and in arrays`() throws {
        let session = try PostgresTestServer.session()
        var random = SystemRandomNumberGenerator()
        for size in [1, 255, 4_096, 3_000_000] {
            let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            let rows = try session.query(
                "SELECT $1::bytea, $2::bytea[]",
                [.bytea(bytes), .byteaArray([bytes, nil, bytes])]
            )
            #expect(rows.bytes(0, 0) == bytes)
            #expect(rows.bytesArray(0, 1) == [bytes, nil, bytes])
        }
    }

    @Test func `a whole column of integers is copied in order`() throws {
        let session = try PostgresTestServer.session()
        let rows = try session.query("SELECT i::int4 AS \"Id\", i FROM generate_series(1, 500) i")
        var numbers: [Int64] = [-1]
        let (column, folded) = (rows.column(named: "Id"), rows.column(named: "id"))
        rows.copyInt64Column(try #require(column), into: &numbers)
        #expect(numbers == [-1] + Array(1...500))
        #expect(folded == nil)
        #expect(rows.type(ofColumn: 0) == .int4)
    }

    @Test func `a parameter of another type than declared is refused before it is sent`() throws {
        let session = try PostgresTestServer.session()
        let statement = PostgresStatement(name: "typed", sql: "SELECT $1", parameters: [.int8])
        let error = #expect(throws: PostgresError.self) {
            _ = try session.query(statement, [.int4(1)])
        }
        guard case .invalidParameter = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try session.query(statement, [.int8(1)]).int64(0, 0) == 1)
    }

    @Test func `cells are lent with their bytes, lengths and nulls`() throws {
        let session = try PostgresTestServer.session()
        let rows = try session.query("SELECT 'ab'::text, NULL::text, '\\x000a'::bytea")
        let seen = rows.withCells { cells in
            let table = cells.table
            return (0..<3).map { column -> [UInt8]? in
                guard table.is_null(table.owner, 0, Int32(column)) == false else { return nil }
                let length = Int(table.length(table.owner, 0, Int32(column)))
                let start = UnsafeRawPointer(table.value(table.owner, 0, Int32(column)))
                return Array(UnsafeRawBufferPointer(start: start, count: length))
            }
        }
        #expect(seen == [Array("ab".utf8), nil, [0, 10]])
    }

    @Test func `identifiers of any text name what they say`() throws {
        let session = try PostgresTestServer.session()
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = Seeded(state: seed)
        let alphabet = Array("ab\"'.; ÄÖ$\\-\n%é😀A").map(String.init)
        for _ in 0..<100 {
            let count = Int.random(in: 1...12, using: &random)
            let name = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? "a" }
                .joined()
            let rows = try session.query("SELECT 1 AS \(quotedIdentifier(name))")
            #expect(rows.columnName(0) == name, "seed \(seed)")
            let parsed = try QualifiedName(parsing: quotedIdentifier(name))
            #expect(parsed.name == name, "seed \(seed)")
        }
    }
}

/// A generator whose run can be repeated from its seed.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
