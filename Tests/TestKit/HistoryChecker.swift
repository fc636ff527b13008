/// Holds what Kafka has against what was committed: no loss, no phantom, order per key.
///
/// Fed in any interleaving, but with the records of each partition in the order of their offsets.
/// It keeps ids and keys only, so that a million messages fit.
package struct HistoryChecker: Sendable {
    private struct Place: Hashable {
        let key: String
        let partition: Int32
    }

    private var committed: [Int64: String?] = [:]
    private var deadLettered: Set<Int64> = []
    private var published: [Int64: String?] = [:]
    private var repeatCount = 0
    private var newest: [Place: Int64] = [:]
    private var partitionOfKey: [String: Int32] = [:]
    private var lastOffset: [Int32: Int64] = [:]
    private var violations: [Verdict.Violation] = []

    package init() {}

    /// How many different messages Kafka has shown.
    package var distinctCount: Int { published.count }

    /// How many different messages were committed.
    package var committedCount: Int { committed.count }

    /// Notes a row whose transaction has committed.
    package mutating func noteCommitted(id: Int64, key: String?) {
        committed[id] = .some(key)
    }

    /// Notes a message that stands visibly in dead letters: it is not lost.
    package mutating func noteDeadLettered(id: Int64) {
        deadLettered.insert(id)
    }

    /// Notes a record; `id` is the row id that its header `seq` tells.
    package mutating func notePublished(
        partition: Int32,
        offset: Int64,
        key: String?,
        id: Int64
    ) {
        checkOffset(offset, in: partition)
        guard published.updateValue(key, forKey: id) == nil else {
            repeatCount += 1
            return
        }
        guard let key else { return }
        checkPartition(of: key, partition)
        checkOrder(of: key, partition, id: id)
    }

    /// What the history proves so far; complete when writer and reader have both ended.
    package func verdict() -> Verdict {
        let lost = committed.keys.filter { published[$0] == nil && !deadLettered.contains($0) }
        let phantoms = published.filter { committed[$0.key] == nil }.map(\.key)
        let changed = published.filter { id, key in
            committed[id].map { $0 != key } ?? false
        }
        let found =
            lost.sorted().map(Verdict.Violation.lost)
            + phantoms.sorted().map(Verdict.Violation.phantom)
            + changed.keys.sorted().map(Verdict.Violation.changedKey)
        return Verdict(
            committedCount: committed.count,
            distinctCount: published.count,
            repeatCount: repeatCount,
            deadLetterCount: deadLettered.count,
            violations: found + violations
        )
    }

    private mutating func checkOffset(_ offset: Int64, in partition: Int32) {
        let last = lastOffset.updateValue(offset, forKey: partition) ?? -1
        precondition(offset > last, "records of a partition are fed in the order of their offsets")
    }

    private mutating func checkPartition(of key: String, _ partition: Int32) {
        guard let first = partitionOfKey[key] else {
            partitionOfKey[key] = partition
            return
        }
        if first != partition {
            violations.append(.scattered(key: key, partitions: [first, partition]))
        }
    }

    private mutating func checkOrder(of key: String, _ partition: Int32, id: Int64) {
        let place = Place(key: key, partition: partition)
        if let before = newest[place], before > id {
            violations.append(.swapped(key: key, first: before, then: id))
        } else {
            newest[place] = id
        }
    }
}
