import Postgres

/// The tables of both services, held against each other.
final class DemoBooks {
    private let products: PostgresSession
    private let delivery: PostgresSession

    /// What Postbox has still to do.
    struct Leftovers {
        var inOutbox: Int
        var inTopic: Int
        var deadLetters: Int

        var isNothing: Bool { inOutbox == 0 && inTopic == 0 }
    }

    init(_ stage: DemoStage) throws {
        products = try stage.products.session()
        delivery = try stage.delivery.session()
    }

    /// So many messages were written; a record that Kafka holds twice counts for one of them.
    func leftovers(_ written: Int) throws -> Leftovers {
        let outbox = try products.query(DemoShop.countWaiting)
        let inbox = try delivery.query(DemoDelivery.progress)
        return Leftovers(
            inOutbox: outbox.int(0, 0),
            inTopic: max(0, written - inbox.int(0, 0)),
            deadLetters: outbox.int(0, 1) + inbox.int(0, 1)
        )
    }

    func verdict() throws -> DemoVerdict {
        let copies = try copies()
        let rows = try products.query(DemoShop.products)
        var verdict = DemoVerdict()
        for row in 0..<rows.count {
            let product = DemoVerdict.Product(version: rows.int(row, 1), price: rows.text(row, 2))
            verdict.compare(product, with: copies[rows.int64(row, 0)])
        }
        return verdict
    }

    /// One line of the delivery service's own question; nil where it has no answer yet.
    func sample() throws -> String? {
        let rows = try delivery.query(DemoDelivery.query)
        guard rows.count > 0 else { return nil }
        let row = rows.count / 2
        return "delivery \(rows.int64(row, 2)): \(rows.int64(row, 3)) of product "
            + "\(rows.int64(row, 0)) at \(rows.text(row, 4)) = \(rows.text(row, 5)), "
            + "from delivery's own tables"
    }

    private func copies() throws -> [Int64: DemoVerdict.Copy] {
        let rows = try delivery.query(DemoDelivery.products)
        var copies: [Int64: DemoVerdict.Copy] = [:]
        for row in 0..<rows.count {
            copies[rows.int64(row, 0)] = DemoVerdict.Copy(
                state: .init(version: rows.int(row, 1), price: rows.text(row, 2)),
                timesChanged: rows.int(row, 3),
                timesAstray: rows.int(row, 4)
            )
        }
        return copies
    }
}
