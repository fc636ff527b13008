import Postgres
import Threads

/// The delivery service at work: it asks its own tables again and again, and notes which versions
/// of the products it sees.
final class DemoReader: Sendable {
    private let end = StopRequest()
    private let worker: Worker

    /// How long it rests between two questions, which is how far a measured staleness may be off.
    private static let pause = Duration.milliseconds(3)

    init(_ database: StageDatabase, into ledger: Monitor<DemoLedger>) {
        worker = Worker(named: "reader") { [end] in
            let session = try database.session()
            var versions: [Int64: Int] = [:]
            while !end.isAsked {
                let rows = try session.query(DemoDelivery.query)
                let now = MonotonicTime.now
                let seen = (0..<rows.count).map { (rows.int64($0, 0), rows.int($0, 1)) }
                    .filter { versions[$0.0] != $0.1 }
                versions.merge(seen) { _, new in new }
                if !seen.isEmpty {
                    ledger.withLock { ledger in
                        for (id, version) in seen { ledger.see(id, version: version, at: now) }
                    }
                }
                end.wait(Self.pause)
            }
        }
    }

    deinit { stop() }

    /// Throws what stopped it.
    func check() throws { try worker.check() }

    func stop() {
        end.ask(.now)
        worker.join()
    }
}
