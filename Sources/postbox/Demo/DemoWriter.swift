import Postgres
import Threads

/// The products service at work on one connection, until it is stopped.
struct DemoWriter: Sendable {
    let database: StageDatabase
    let ledger: Monitor<DemoLedger>
    let tally: Monitor<DemoTally>
    let end: StopRequest
    let topic: String

    /// One transaction in so many changes its mind, and one in so many says everything twice.
    private static let rollbackOdds = 1...40
    private static let repeatOdds = 1...50

    /// Transactions of one to five changes, so many changes a second, whatever the answers take.
    func write(_ products: ClosedRange<Int64>, rate: Double) throws {
        let session = try database.session()
        let start = MonotonicTime.now
        var planned = 0
        while end.wait(until: start + .seconds(Double(planned) / rate)) {
            let chosen = some(Int.random(in: 1...5), of: products)
            let times = Int.random(in: Self.repeatOdds) == 1 ? 2 : 1
            let hasCommitted = try change(chosen, times: times, in: session)
            tally.withLock {
                $0.note(hasCommitted)
                if hasCommitted { $0.repeated += chosen.count * (times - 1) }
            }
            planned += chosen.count
        }
    }

    /// Transactions whose messages take their ids long before they commit.
    func writeLate() throws {
        let session = try database.session()
        while !end.isAsked {
            let products = some(3, of: DemoShop.slowProducts)
            let pause = Duration.milliseconds(Int.random(in: 50...400))
            let hasCommitted = try change(products, times: 1, in: session) { end.wait(pause) }
            tally.withLock {
                $0.note(hasCommitted)
                if hasCommitted { $0.late += 1 }
            }
        }
    }

    /// Says whether the transaction has committed.
    private func change(
        _ products: [Int64],
        times: Int,
        in session: PostgresSession,
        beforeCommit: () -> Void = {}
    ) throws -> Bool {
        do {
            try session.transaction { (transaction: borrowing PostgresTransaction) in
                _ = try transaction.query(
                    DemoShop.change,
                    [.int8Array(products), .text(topic), .int8(Int64(times))]
                )
                beforeCommit()
                if Int.random(in: Self.rollbackOdds) == 1 { throw ChangeOfMind() }
            }
        } catch is ChangeOfMind {
            return false
        }
        let now = MonotonicTime.now
        ledger.withLock { ledger in
            for product in products { ledger.commit(product, at: now) }
        }
        return true
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
    fileprivate mutating func note(_ hasCommitted: Bool) {
        transactions += 1
        if !hasCommitted { rolledBack += 1 }
    }
}
