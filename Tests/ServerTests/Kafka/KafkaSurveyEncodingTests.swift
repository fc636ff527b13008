import Kafka
import Postgres
import TestKit
import Testing

/// A record, and what PostgreSQL sees of it as text.
private struct Seen: Sendable {
    let record: WrittenRecord
    let id: String?
    var type: String?
    var key: String?
    var payload: String? = "\\x"
    var headers: String?

    init(
        _ record: WrittenRecord,
        id: String? = nil,
        type: String? = nil,
        key: String? = nil,
        payload: String? = "\\x",
        headers: String? = nil
    ) {
        self.record = record
        self.id = id
        self.type = type
        self.key = key
        self.payload = payload
        self.headers = headers
    }
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

private let odd: [Seen] = [
    Seen(WrittenRecord()),
    Seen(WrittenRecord(value: nil), payload: nil),
    Seen(WrittenRecord(key: [], value: [0, 1, 255]), key: "", payload: "\\x0001ff"),
    Seen(WrittenRecord(key: bytes("käse 😀 \u{10FFFF}")), key: "käse 😀 \u{10FFFF}"),
    Seen(WrittenRecord(key: [0x61, 0, 0x62]), key: "\\x610062"),
    Seen(WrittenRecord(key: [0xff, 0xfe]), key: "\\xfffe"),
    Seen(WrittenRecord(key: [0xed, 0xa0, 0x80]), key: "\\xeda080"),
    Seen(WrittenRecord(key: bytes("\\x00")), key: "\\x00"),
    Seen(
        WrittenRecord(headers: [("message-id", bytes("id-1")), ("message-type", bytes("Made"))]),
        id: "id-1",
        type: "Made",
        headers: #"{"message-id": "id-1", "message-type": "Made"}"#
    ),
    Seen(
        WrittenRecord(headers: [("ce_type", bytes("Cloud"))]),
        type: "Cloud",
        headers: #"{"ce_type": "Cloud"}"#
    ),
    Seen(
        WrittenRecord(headers: [("message-type", [0xff]), ("ce_type", bytes("Cloud"))]),
        type: "\\xff",
        headers: #"{"ce_type": "Cloud", "message-type": "\\xff"}"#
    ),
    Seen(
        WrittenRecord(headers: [("a", bytes("1")), ("b", nil), ("a", bytes("2")), ("c", [])]),
        headers: #"{"a": "2", "b": null, "c": ""}"#
    ),
    Seen(
        WrittenRecord(headers: [("q\"\\\n", bytes("\"quoted\" \\ \u{1}\t\r\n\u{1F} é 😀"))]),
        headers: #"{"q\"\\\n": "\"quoted\" \\ \u0001\t\r\n\u001f é 😀"}"#
    ),
    Seen(
        WrittenRecord(headers: [("nul", [0x61, 0]), ("bad", [0xc3, 0x28]), ("", bytes("x"))]),
        headers: #"{"": "x", "bad": "\\xc328", "nul": "\\x6100"}"#
    ),
    Seen(
        WrittenRecord(headers: [("message-id", bytes("id-1"))]),
        id: "id-1",
        headers: #"{"message-id": "id-1"}"#
    ),
]

private let messageType = """
    CREATE TYPE message AS (inbox text, topic text, partition integer, "offset" bigint,
        message_id text, type text, key text, payload bytea, headers jsonb,
        created_at timestamptz, attempt integer)
    """

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct KafkaSurveyEncodingTests {
    /// Runs `body` in a session of a database that has the type.
    private func withType(
        _ body: @Sendable (borrowing PostgresSession, MessageTypeIDs) throws -> Void
    ) async throws {
        try await withTestDatabase { database in
            try await database.run(messageType)
            try await database.connection.withSession { session in
                let oid = try session.query("SELECT 'message'::regtype::oid::int8").int64(0, 0)
                try body(session, MessageTypeIDs(message: UInt32(oid)))
            }
        }
    }

    @Test func `PostgreSQL takes every record as it is`() async throws {
        let survey = try survey(odd.map(\.record))
        try await withType { session, types in
            let rows = try session.query(
                """
                SELECT inbox, topic, partition, "offset", message_id, type, key, payload::text,
                       headers::text, created_at, attempt, num_nulls(message_id, type)
                FROM unnest($1::message[])
                """,
                [
                    .encoded(
                        survey.encode(
                            rows: Array(0..<Int32(odd.count)),
                            inbox: "delivery",
                            types: types,
                            attempt: 3
                        )
                    )
                ]
            )
            #expect(rows.count == odd.count)
            for (row, seen) in odd.enumerated() {
                #expect(rows.text(row, 0) == "delivery")
                #expect(rows.text(row, 1) == "events")
                #expect(rows.int64(row, 2) == 0)
                #expect(rows.int64(row, 3) == Int64(row))
                #expect(rows.textOrNil(row, 4) == seen.id, "row \(row)")
                #expect(rows.textOrNil(row, 5) == seen.type, "row \(row)")
                #expect(rows.textOrNil(row, 6) == seen.key, "row \(row)")
                #expect(rows.textOrNil(row, 7) == seen.payload, "row \(row)")
                #expect(rows.textOrNil(row, 8) == seen.headers, "row \(row)")
                let micros = rows.timestamp(row, 9).microsecondsSince1970
                #expect(micros - 946_684_800_000_000 == survey.createdAt(at: row))
                #expect(rows.int64(row, 10) == 3)
            }
        }
    }

    @Test func `rows are taken in the order asked for, and none is an empty array`() async throws {
        let survey = try survey((0..<5).map { WrittenRecord(value: bytes("\($0)")) })
        try await withType { session, types in
            for wanted in [[], [3], [4, 0, 2]] as [[Int32]] {
                let array = survey.encode(rows: wanted, inbox: "", types: types, attempt: 1)
                let rows = try session.query(
                    "SELECT m.\"offset\" FROM unnest($1::message[]) WITH ORDINALITY AS m ORDER BY 1",
                    [.encoded(array)]
                )
                let found = (0..<rows.count).map { Int32(rows.int64($0, 0)) }
                #expect(found == wanted.sorted())
                let first = try session.query(
                    "SELECT (($1::message[])[1]).\"offset\", cardinality($1::message[])",
                    [.encoded(array)]
                )
                #expect(first.int64OrNil(0, 0) == wanted.first.map(Int64.init))
                #expect(first.int64(0, 1) == Int64(wanted.count))
            }
        }
    }

    @Test func `a large payload and its own time arrive whole`() async throws {
        let large = (0..<900_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let header = ("created-at", bytes("2026-11-24T12:00:00.25+01:00") as [UInt8]?)
        let survey = try survey([WrittenRecord(key: large, headers: [header])])
        let other = try surveyPayload(large)
        try await withType { session, types in
            let array = survey.encode(rows: [0], inbox: "i", types: types, attempt: 1)
            let rows = try session.query(
                "SELECT length(key), created_at::text FROM unnest($1::message[])",
                [.encoded(array)]
            )
            #expect(rows.int64(0, 0) == 2 + 2 * 900_000)
            let payload = try session.query(
                "SELECT payload FROM unnest($1::message[])",
                [.encoded(other.encode(rows: [0], inbox: "i", types: types, attempt: 1))]
            )
            #expect(payload.bytes(0, 0) == large)
        }
    }

    private func surveyPayload(_ payload: [UInt8]) throws -> KafkaSurvey {
        try survey([WrittenRecord(value: payload)])
    }

    @Test func `any bytes are text exactly where PostgreSQL says so`() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededBytes(state: seed)
        // Bytes at the edges of UTF-8 make valid and nearly valid characters likely.
        let edges: [UInt8] = [
            0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0,
            0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff,
        ]
        let keys = (0..<4_000).map { number -> [UInt8] in
            let padding = [UInt8](repeating: 0x61, count: number % 11)
            let count = Int.random(in: 1...4, using: &random)
            return padding + (0..<count).map { _ in edges.randomElement(using: &random) ?? 0 }
        }
        let survey = try survey(
            keys.map { WrittenRecord(key: $0, headers: [("h", $0)]) }
        )
        try await withType { session, types in
            let array = survey.encode(
                rows: Array(0..<Int32(keys.count)),
                inbox: "i",
                types: types,
                attempt: 1
            )
            let rows = try session.query(
                "SELECT key, headers->>'h' FROM unnest($1::message[])",
                [.encoded(array)]
            )
            for (row, key) in keys.enumerated() {
                let text = key.contains(0) ? nil : String(validating: key, as: UTF8.self)
                let hex = "\\x" + key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                #expect(rows.text(row, 0) == text ?? hex, "seed \(seed)")
                #expect(rows.text(row, 1) == text ?? hex, "seed \(seed)")
            }
        }
    }
}

/// A generator whose run can be repeated from its seed.
private struct SeededBytes: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
