package import Telemetry
package import Threads

/// What was committed and what arrived, held against each other, message by message.
///
/// A message is known by its row's id. Its arrival may be seen before its writer has said that it
/// committed, so what was lost or never committed shows only at the end.
package struct DeliveryLedger: Sendable {
    /// Rows are numbered without large gaps; an id far away from the first is nobody's.
    private static let reach: Int64 = 1 << 28
    /// Stands for a commit at a time that nobody noted.
    private static let longAgo: Int64 = -1

    /// In nanoseconds since boot, by id; zero is never.
    private var committedAt: [Int64] = []
    private var arrivedAt: [Int64] = []
    private var lastOfKey: [UInt64: Int64] = [:]
    private let firstID: Int64

    private var matchedCount = 0
    private var strangerCount = 0
    package private(set) var committedCount = 0
    package private(set) var arrivedCount = 0
    package private(set) var repeatCount = 0
    package private(set) var swapCount = 0
    package private(set) var firstArrival: MonotonicTime?
    package private(set) var lastArrival: MonotonicTime?

    /// From the commit to the arrival, of all messages and of those since `takeRecentLatencies`.
    package private(set) var latencies = LatencyHistogram()
    private var recentLatencies = LatencyHistogram()

    package init(firstID: Int64 = 1) {
        self.firstID = firstID
    }

    /// A ledger of rows that stand in the table already.
    package init(expecting ids: ClosedRange<Int64>) {
        self.init(firstID: ids.lowerBound)
        committedAt = [Int64](repeating: Self.longAgo, count: ids.count)
        arrivedAt = [Int64](repeating: 0, count: ids.count)
        committedCount = ids.count
    }

    /// Everything that was committed has arrived.
    package var isComplete: Bool { matchedCount == committedCount }

    /// Committed and not arrived yet.
    package var backlog: Int { committedCount - matchedCount }

    package var verdict: DeliveryVerdict {
        DeliveryVerdict(
            committed: committedCount,
            arrived: arrivedCount,
            lost: backlog,
            repeated: repeatCount,
            swapped: swapCount,
            phantom: arrivedCount - matchedCount + strangerCount
        )
    }

    /// Notes that a transaction with these rows has committed; without a time, latencies leave it out.
    package mutating func commit(_ ids: [Int64], at time: MonotonicTime?) {
        for id in ids {
            guard let index = place(of: id), committedAt[index] == 0 else { continue }
            committedAt[index] = time?.nanosecondsSinceBoot ?? Self.longAgo
            committedCount += 1
            if arrivedAt[index] != 0 { match(index) }
        }
    }

    /// Notes a message that arrived; nil stands for one without an id of ours.
    package mutating func arrive(_ id: Int64?, key: UInt64?, at time: MonotonicTime) {
        guard let id, let index = place(of: id) else {
            strangerCount += 1
            return
        }
        guard arrivedAt[index] == 0 else {
            repeatCount += 1
            return
        }
        arrivedAt[index] = time.nanosecondsSinceBoot
        arrivedCount += 1
        firstArrival = firstArrival ?? time
        lastArrival = time
        if committedAt[index] != 0 { match(index) }
        if let key { noteOrder(of: id, key: key) }
    }

    /// The latencies since the last call.
    package mutating func takeRecentLatencies() -> LatencyHistogram {
        defer { recentLatencies.reset() }
        return recentLatencies
    }

    private mutating func match(_ index: Int) {
        matchedCount += 1
        guard committedAt[index] > 0 else { return }
        // A consumer can be faster than the answer to the COMMIT; that counts as zero.
        let latency = Int(max(0, arrivedAt[index] - committedAt[index]) / 1000)
        latencies.record(microseconds: latency)
        recentLatencies.record(microseconds: latency)
    }

    private mutating func noteOrder(of id: Int64, key: UInt64) {
        let last = lastOfKey[key] ?? .min
        if id < last { swapCount += 1 }
        lastOfKey[key] = max(id, last)
    }

    private mutating func place(of id: Int64) -> Int? {
        guard id >= firstID, id - firstID < Self.reach else { return nil }
        let index = Int(id - firstID)
        if index >= arrivedAt.count {
            let missing = repeatElement(Int64(0), count: index + 1 - arrivedAt.count)
            arrivedAt.append(contentsOf: missing)
            committedAt.append(contentsOf: missing)
        }
        return index
    }
}
