/// What a history proves.
package struct Verdict: Sendable, CustomStringConvertible {
    /// One broken promise.
    package enum Violation: Sendable, Hashable, CustomStringConvertible {
        /// P1: committed, and neither published nor a dead letter.
        case lost(id: Int64)
        /// P2: published, and never committed.
        case phantom(id: Int64)
        /// The record carries another key than its row.
        case changedKey(id: Int64)
        /// P3: first seen after a later message of its key.
        case swapped(key: String, first: Int64, then: Int64)
        /// P3: no order can hold between partitions.
        case scattered(key: String, partitions: [Int32])

        package var description: String {
            switch self {
            case .lost(let id): "message \(id) is lost"
            case .phantom(let id): "message \(id) was never committed"
            case .changedKey(let id): "message \(id) was published with another key"
            case .swapped(let key, let first, let then):
                "key \(key): \(first) was seen before \(then)"
            case .scattered(let key, let partitions):
                "key \(key) is in partitions \(partitions[0]) and \(partitions[1])"
            }
        }
    }

    package let committedCount: Int
    package let distinctCount: Int
    package let repeatCount: Int
    package let deadLetterCount: Int
    package let violations: [Violation]

    /// True when no promise was broken.
    package var holds: Bool { violations.isEmpty }

    package var description: String {
        let counts = """
            \(committedCount) committed, \(distinctCount) published, \(repeatCount) repeats, \
            \(deadLetterCount) dead letters
            """
        guard !holds else { return "\(counts): every promise held" }
        let shown = violations.prefix(10).map { "\n  \($0)" }.joined()
        let more = violations.count > 10 ? "\n  and \(violations.count - 10) more" : ""
        return "\(counts): \(violations.count) broken promises\(shown)\(more)"
    }
}
