import TestKit
import Testing

struct HistoryCheckerTests {
    /// One way in which a relay could break its word, and what must be said of it.
    struct Mutant: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let violation: Verdict.Violation
        let breakIt: @Sendable (inout [Record]) -> Void
    }

    struct Record: Sendable {
        var partition: Int32
        var key: String?
        var id: Int64
    }

    static let mutants = [
        Mutant(testDescription: "a message is left out", violation: .lost(id: 3)) {
            $0.removeAll { $0.id == 3 }
        },
        Mutant(testDescription: "a rolled-back row is published", violation: .phantom(id: 99)) {
            $0.append(Record(partition: 0, key: "a", id: 99))
        },
        Mutant(
            testDescription: "two messages of a key change places",
            violation: .swapped(key: "a", first: 4, then: 1)
        ) { $0.swapAt(0, 3) },
        Mutant(
            testDescription: "a repeat of the first hides behind a swap",
            violation: .swapped(key: "a", first: 4, then: 1)
        ) { records in
            records.swapAt(0, 3)
            records.append(Record(partition: 0, key: "a", id: 1))
        },
        Mutant(testDescription: "the key is another", violation: .changedKey(id: 2)) {
            $0[1].key = "c"
        },
        Mutant(testDescription: "the key is gone", violation: .changedKey(id: 2)) {
            $0[1].key = nil
        },
        Mutant(
            testDescription: "a key moves to another partition",
            violation: .scattered(key: "a", partitions: [0, 1])
        ) { $0[3].partition = 1 },
    ]

    /// Ids 1 to 6 of the keys a, b and none, as a relay without a fault publishes them.
    private let faultless: [Record] = (1...6).map { id in
        switch id % 3 {
        case 1: Record(partition: 0, key: "a", id: Int64(id))
        case 2: Record(partition: 1, key: "b", id: Int64(id))
        default: Record(partition: 0, key: nil, id: Int64(id))
        }
    }

    @Test func `a history without a fault holds`() {
        let verdict = verdict(of: faultless)
        #expect(verdict.holds, "\(verdict)")
        #expect(verdict.repeatCount == 0)
        #expect(verdict.distinctCount == 6)
    }

    @Test(arguments: mutants) func `each broken promise is named`(_ mutant: Mutant) {
        var records = faultless
        mutant.breakIt(&records)
        let verdict = verdict(of: records)
        #expect(verdict.violations.contains(mutant.violation), "\(verdict)")
        #expect(!verdict.holds)
        #expect(verdict.description.contains("\(mutant.violation)"))
    }

    @Test func `repeats are counted and break nothing`() {
        let verdict = verdict(of: faultless + faultless.prefix(4))
        #expect(verdict.holds, "\(verdict)")
        #expect(verdict.repeatCount == 4)
    }

    @Test func `keyless messages may come in any order`() {
        var records = faultless
        records.swapAt(2, 5)
        #expect(verdict(of: records).holds)
    }

    @Test func `a dead letter is not lost`() {
        let verdict = verdict(of: faultless.filter { $0.id != 5 }, deadLetters: [5])
        #expect(verdict.holds, "\(verdict)")
        #expect(verdict.deadLetterCount == 1)
    }

    private func verdict(of records: [Record], deadLetters: [Int64] = []) -> Verdict {
        var checker = HistoryChecker()
        for (offset, record) in records.enumerated() {
            checker.notePublished(
                partition: record.partition,
                offset: Int64(offset),
                key: record.key,
                id: record.id
            )
        }
        for row in faultless { checker.noteCommitted(id: row.id, key: row.key) }
        for id in deadLetters { checker.noteDeadLettered(id: id) }
        return checker.verdict()
    }
}
