import Kafka
import TestKit
import Testing

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct KafkaSurveyTests {
    @Test func `an id is what its header says last`() throws {
        let longest = String(repeating: "é", count: 500)
        let cases: [([[UInt8]?], String?, KafkaIDProblem?)] = [
            ([Array("a".utf8)], "a", nil),
            ([Array("ignored".utf8), Array("b".utf8)], "b", nil),
            ([Array(longest.utf8)], longest, nil),
            ([], nil, .missing), ([[]], nil, .missing), ([nil], nil, .missing),
            ([Array("x".utf8), nil], nil, .missing),
            ([Array((longest + "x").utf8)], nil, .tooLong),
            ([[0x61, 0]], nil, .notText), ([[0xff]], nil, .notText),
            ([Array("a".utf8)], "a", .repeated),
        ]
        let survey = try survey(
            cases.map { WrittenRecord(headers: $0.0.map { ("message-id", $0) }) }
        )
        #expect((0..<survey.count).map { survey.messageID(at: $0) } == cases.map(\.1))
        #expect((0..<survey.count).map { survey.idProblem(at: $0) } == cases.map(\.2))
    }

    /// Payloads, and what stands at `$.event.id` of each.
    private static let payloads: [(String, String?)] = [
        (#"{"event":{"id":"a"}}"#, "a"),
        (#" { "x" : [1, {"id": "no"}] , "event" : { "id" : 42 , "y" : null } } "#, "42"),
        (#"{"event":{"id":-7},"t":[true,false,null,1.5e+3,0.1,-0]}"#, "-7"),
        (#"{"\u0065vent":{"\u0069d":"caf\u00e9 \ud83d\ude00 \"\\\/\n"}}"#, "café 😀 \"\\/\n"),
        (#"{"event":{"id":"first"},"event":{"id":"last"}}"#, "last"),
        (#"{"event":{"id":"first","id":"last"}}"#, "last"),
        (#"{"event":{"id":"first"},"event":3}"#, nil),
        (#"{"event":{"id":"first","id":null}}"#, nil),
        (#"{"event":{"id":1.0}}"#, nil), (#"{"event":{"id":1e3}}"#, nil),
        (#"{"event":{"id":{}}}"#, nil), (#"{"event":{"id":["a"]}}"#, nil),
        (#"{"event":{"id":true}}"#, nil), (#"{"event":{"id":""}}"#, nil),
        (#"{"event":["id","a"]}"#, nil), (#"{"id":"a"}"#, nil),
        (#"{"event":{"x":{"id":"deeper"}}}"#, nil), (#"[{"event":{"id":"a"}}]"#, nil),
        (#"{"event":{"id":"a"}"#, nil), (#"{"event":{"id":"a"}}x"#, nil),
        (#"{"event":{"id":"a"},}"#, nil), (#"{"event":{"id":"a"},"x":[1,]}"#, nil),
        (#"{"event":{"id":"a"},"x":01}"#, nil), (#"{"event":{"id":"a"},"x":.5}"#, nil),
        (#"{"event":{"id":"a"},"x":1.}"#, nil), (#"{"event":{"id":"a"},"x":-}"#, nil),
        (#"{"event":{"id":"a"},"x":"\x"}"#, nil), (#"{"event":{"id":"a"},"x":"\u12g4"}"#, nil),
        (#"{"event":{"id":"a"},"x":nul}"#, nil), (#"{"event":{"id":"a"},x:1}"#, nil),
        ("{\"event\":{\"id\":\"a\nb\"}}", nil), (#"{"event":{"id":"\ud800"}}"#, nil),
        ("", nil), ("{", nil), ("\"", nil), ("{\"event\"", nil), ("{\"event\":", nil),
        (nested(61), "a"), (nested(64), nil), (nested(100_000), nil),
    ]

    private static func nested(_ depth: Int) -> String {
        let (open, close) = (
            String(repeating: "[", count: depth), String(repeating: "]", count: depth)
        )
        return "{\"event\":{\"id\":\"a\"},\"x\":\(open)\(close)}"
    }

    @Test func `an id in a payload is believed only where all of it is JSON`() throws {
        let cases = Self.payloads.map { (Array($0.0.utf8) as [UInt8]?, $0.1) } + [(nil, nil)]
        let survey = try survey(
            cases.map { WrittenRecord(value: $0.0) },
            KafkaSurveyRule(id: .member(["event", "id"]))
        )
        for (row, (payload, id)) in cases.enumerated() {
            let text = payload.map { String(decoding: $0.prefix(80), as: UTF8.self) }
            #expect(survey.messageID(at: row) == id, "\(text ?? "NULL")")
            #expect((survey.idProblem(at: row) == .missing) == (id == nil), "\(text ?? "NULL")")
        }
    }

    @Test func `an id in a payload has the same limits as one in a header`() throws {
        let escapes = String(repeating: #"\u0041"#, count: 1_001)
        let cases: [([UInt8], KafkaIDProblem?)] = [
            (Array(String(repeating: "x", count: 1_001).utf8), .tooLong),
            (Array(escapes.utf8), .tooLong), (Array(escapes.utf8.dropLast(6)), nil),
            (Array(#"\u0000"#.utf8), .notText), (Array(#"\udc00"#.utf8), .notText),
            ([0xc0, 0x80], .notText), ([0xed, 0xa0, 0x80], .notText),
        ]
        let payloads = cases.map { Array("{\"id\":\"".utf8) + $0.0 + Array("\"}".utf8) }
        let survey = try survey(
            payloads.map { WrittenRecord(value: $0) },
            KafkaSurveyRule(id: .member(["id"]))
        )
        for (row, (text, problem)) in cases.enumerated() {
            #expect(survey.idProblem(at: row) == problem, "\(text.prefix(12))")
        }
    }

    @Test func `a message without an id can have its position as one`() throws {
        let records = [WrittenRecord(), WrittenRecord(id: "a"), WrittenRecord(id: "events-0-0")]
        let rule = KafkaSurveyRule(id: .header("message-id"), usesPositionAsID: true)
        let first = try survey(records, rule)
        #expect((0..<3).map { first.messageID(at: $0) } == ["events-0-0", "a", "events-0-0"])
        #expect((0..<3).map { first.idProblem(at: $0) } == [nil, nil, .repeated])
        let without = try survey(records, KafkaSurveyRule(id: .nowhere))
        #expect((0..<3).allSatisfy { without.messageID(at: $0) == nil })
        #expect((0..<3).allSatisfy { without.idProblem(at: $0) == nil })
        let always = try survey(records, KafkaSurveyRule(id: .nowhere, usesPositionAsID: true))
        #expect(always.messageID(at: 2) == "events-0-2")
    }

    /// Texts, and the microseconds since 2000 that they mean.
    private static let times: [(String, Int64?)] = [
        ("2000-01-01T00:00:00Z", 0), ("2000-01-01T00:00:00.000001Z", 1),
        ("1999-12-31T23:59:59.999999Z", -1), ("2000-01-01t01:30:00.5+01:30", 500_000),
        ("1999-12-31T18:00:00-06:00", 0), ("2000-01-01T00:00:00.123456789z", 123_456),
        ("2026-11-24T11:20:10.654321Z", 848_834_410_654_321),
        ("2024-02-29T00:00:00Z", 762_480_000_000_000), ("2023-02-29T00:00:00Z", nil),
        ("0001-01-01T00:00:00Z", -63_082_281_600_000_000), ("0000-01-01T00:00:00Z", nil),
        ("9999-12-31T23:59:59Z", 252_455_615_999_000_000), ("1900-02-29T00:00:00Z", nil),
        ("", nil), ("2000-01-01", nil), ("2000-01-01T00:00:00", nil),
        ("2000-01-01 00:00:00Z", nil), ("2000-13-01T00:00:00Z", nil),
        ("2000-00-01T00:00:00Z", nil), ("2000-01-32T00:00:00Z", nil),
        ("2000-01-01T24:00:00Z", nil), ("2000-01-01T00:60:00Z", nil),
        ("2000-01-01T00:00:60Z", nil), ("2000-01-01T00:00:00.Z", nil),
        ("2000-01-01T00:00:00.1234567891Z", nil), ("2000-01-01T00:00:00+0100", nil),
        ("2000-01-01T00:00:00+24:00", nil), ("2000-01-01T00:00:00ZZ", nil),
        (" 2000-01-01T00:00:00Z", nil), ("2000/01/01T00:00:00Z", nil),
        ("20a0-01-01T00:00:00Z", nil), ("2000-01-01T00:00:00Z\0", nil),
    ]

    @Test func `a message's own time is read strictly, and else the record's counts`() throws {
        let survey = try survey(
            Self.times.map { WrittenRecord(headers: [("created-at", Array($0.0.utf8))]) }
        )
        for (row, (text, micros)) in Self.times.enumerated() {
            let ofRecord = (survey.record(at: row).timestamp - 946_684_800_000) * 1_000
            #expect(survey.createdAt(at: row) == micros ?? ofRecord, "\(text)")
            #expect(survey.hasOwnTime(at: row) == (micros != nil), "\(text)")
        }
    }

    @Test func `equal keys meet in one lane, in order`() throws {
        let keys = (0..<300).map { "key-\($0 % 37)" }
        let records = keys.map { WrittenRecord(key: Array($0.utf8)) }
        let survey = try survey(
            records + [WrittenRecord(), WrittenRecord(), WrittenRecord(key: [])]
        )
        #expect(!survey.hashes.contains(0))
        #expect(survey.hashes[300] != survey.hashes[301])
        #expect(survey.lanes(count: 1) == [Array(0..<303)])
        for count in [2, 3, 7, 32] {
            let lanes = survey.lanes(count: count)
            #expect(lanes.count == count)
            #expect(lanes.joined().sorted() == Array(0..<303))
            #expect(lanes.allSatisfy { $0 == $0.sorted() })
            for key in Set(keys) {
                let homes = lanes.filter { $0.contains { $0 < 300 && keys[Int($0)] == key } }
                #expect(homes.count == 1)
            }
        }
    }

    @Test func `the hash of a key is the same for ever`() throws {
        let survey = try survey(
            ["", "a", "order-4711", "0123456789abcdef"].map { WrittenRecord(key: Array($0.utf8)) }
                + [WrittenRecord()]
        )
        #expect(survey.hashes == Self.knownHashes)
    }

    private static let knownHashes: [Int64] = [
        -6_696_525_980_184_619_790, 6_856_429_674_869_351_679, 7_981_301_394_332_537_410,
        -6_394_237_186_842_652_179, 5_238_259_058_802_798_120,
    ]

    @Test func `a survey knows where its records stand, and their size`() throws {
        let under = try KafkaUnderTest(bootstrapServers: nil).start(partitions: 3)
        let producer = try PlainProducer(under.cluster)
        for partition in [2, 0] as [Int32] {
            try producer.send(under.partition(partition), numbers: 0..<20)
        }
        let consumer = try KafkaConsumer(under.cluster)
        try consumer.assign([under.partition(2): .offset(5), under.partition(0): .beginning])
        var ranges: [KafkaPartition: (Int64, Int64)] = [:]
        var (count, bytes) = (0, 0)
        while count < 35 {
            let survey = consumer.next(max: 100, timeout: .seconds(10)).survey(
                KafkaSurveyRule(id: .nowhere)
            )
            try #require(survey.count > 0 && survey.problems.isEmpty)
            for range in survey.ranges() {
                let start = ranges[range.partition]?.0 ?? range.first
                ranges[range.partition] = (start, range.last)
                #expect(range.lastCreatedAt ?? 0 > 800_000_000_000_000)
            }
            #expect(survey.offsets == (0..<survey.count).map { survey.record(at: $0).offset })
            #expect(
                survey.byteCount == (0..<survey.count).reduce(0) { $0 + survey.byteCount(at: $1) }
            )
            count += survey.count
            bytes += survey.byteCount
        }
        #expect(ranges.count == 2)
        #expect(try #require(ranges[under.partition(2)]) == (5, 19))
        #expect(try #require(ranges[under.partition(0)]) == (0, 19))
        #expect(bytes == 10 + 20 + 5 + 20)
    }

    @Test func `a survey of nothing is empty`() throws {
        let broker = try MockBroker()
        let consumer = try KafkaConsumer(broker.cluster())
        let survey = consumer.next(timeout: .zero).survey(KafkaSurveyRule(id: .nowhere))
        #expect(survey.count == 0)
        #expect(survey.ranges().isEmpty)
        #expect(survey.lanes(count: 2) == [[], []])
    }
}
