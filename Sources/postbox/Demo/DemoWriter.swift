import Postgres
import Threads

/// A service at work on one connection, until it is stopped.
struct DemoWriter: Sendable {
    let database: StageDatabase
    let witness: DeliveryWitness
    let tally: Monitor<DemoTally>
    let end: StopRequest
    let topic: String

    /// One transaction in so many changes its mind.
    private static let rollbackOdds = 1...40

    /// Transactions of one to five rows, so many rows a second, whatever the answers take.
    func write(_ products: ClosedRange<Int64>, rate: Double) throws {
        let session = try database.session()
        let start = MonotonicTime.now
        var planned = 0
        while end.wait(until: start + .seconds(Double(planned) / rate)) {
            let chosen = some(Int.random(in: 1...5), of: products)
            let ids = try change(chosen, in: session)
            tally.withLock { $0.note(ids) }
            planned += chosen.count
        }
    }

    /// Transactions that take their ids long before they commit.
    func writeLate() throws {
        let session = try database.session()
        while !end.isAsked {
            let products = some(3, of: DemoShop.slowProducts)
            let pause = Duration.milliseconds(Int.random(in: 50...400))
            let ids = try change(products, in: session) { end.wait(pause) }
            tally.withLock {
                $0.note(ids)
                if ids != nil { $0.late += 1 }
            }
        }
    }

    /// Returns the ids that committed; nil when the transaction was rolled back.
    private func change(
        _ products: [Int64],
        in session: PostgresSession,
        beforeCommit: () -> Void = {}
    ) throws -> [Int64]? {
        var ids: [Int64] = []
        do {
            try session.transaction { (transaction: borrowing PostgresTransaction) in
                try transaction.query(
                    DemoShop.change,
                    [.int8Array(products), .text(topic)]
                ).copyInt64Column(0, into: &ids)
                beforeCommit()
                if Int.random(in: Self.rollbackOdds) == 1 { throw ChangeOfMind() }
            }
        } catch is ChangeOfMind {
            return nil
        }
        let now = MonotonicTime.now
        witness.withLedger { $0.commit(ids, at: now) }
        return ids
    }

    private func some(_ count: Int, of products: ClosedRange<Int64>) -> [Int64] {
        var chosen: Set<Int64> = []
        while chosen.count < count { chosen.insert(.random(in: products)) }
        return Array(chosen)
    }
}

/// Rolls a transaction back.
private struct ChangeOfMind: Error {}

extension DemoTally {
    fileprivate mutating func note(_ ids: [Int64]?) {
        transactions += 1
        if ids == nil { rolledBack += 1 }
    }
}
