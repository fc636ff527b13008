import Kafka
import Messaging
import Postgres
import Testing

@testable import Inbox

struct RecordFateTests {
    private static let now = PostgresTimestamp(microsecondsSince1970: 1_800_000_000_000_000)

    private func fate(
        _ rule: DedupRule = DedupRule(window: .seconds(86_400)),
        problem: KafkaIDProblem? = nil,
        age: Int64 = 0,
        hash: Int64 = 7,
        blocked: Set<Int64> = []
    ) -> RecordFate {
        let time = PostgresTimestamp(
            microsecondsSince1970: Self.now.microsecondsSince1970 - age * 1_000_000
        )
        return RecordFates(rule, now: Self.now, blocked: blocked)
            .fate(problem: problem, createdAt: time, hash: hash)
    }

    @Test func `a message of now is applied`() { #expect(fate() == .apply) }

    @Test func `one of a waiting key is held`() {
        #expect(fate(blocked: [7]) == .hold)
        #expect(fate(blocked: [8]) == .apply)
    }

    @Test(arguments: OutsideWindowRule.allCases)
    func `outside the window the rule says what happens`(outside: OutsideWindowRule) {
        let rule = DedupRule(window: .seconds(86_400), outside: outside)
        for age: Int64 in [90_000, -90_000] {
            switch (outside, fate(rule, age: age)) {
            case (.park, .late), (.drop, .drop), (.apply, .apply): break
            default: Issue.record("\(outside), \(age): \(fate(rule, age: age))")
            }
        }
    }

    @Test func `without an id it is parked, and a repetition in its batch is dropped`() {
        #expect(fate(problem: .repeated) == .repeated)
        for problem: KafkaIDProblem in [.missing, .tooLong, .notText] {
            if case .park = fate(problem: problem) { continue }
            Issue.record("\(problem)")
        }
    }

    @Test func `without recognition nothing but a waiting key matters`() {
        let rule = DedupRule(mode: .none)
        #expect(fate(rule, problem: .missing, age: 1 << 30) == .apply)
        #expect(fate(rule, blocked: [7]) == .hold)
    }
}
