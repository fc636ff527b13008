import Messaging

/// What outboxes must keep to beside each other and beside the rest.
struct OutboxRules {
    let lease: Duration
    let outboxes: [OutboxDefinition]

    func check(_ ledger: SettingsLedger) {
        for (index, outbox) in outboxes.enumerated() {
            let path = "outboxes[\(index)]"
            let earlier = outboxes[..<index]
            if let first = earlier.firstIndex(where: { isNamesake($0, outbox) }) {
                let place = ledger.locations["outboxes[\(first)].name"]
                ledger.report("\(path).name", "the outbox at \(place) has this name")
            }
            if let first = earlier.firstIndex(where: { sharesTable($0, outbox) }) {
                let place = ledger.locations["outboxes[\(first)]"]
                ledger.report("\(path).table", "the outbox at \(place) publishes this table")
            }
            if outbox.poll.max > lease {
                ledger.report("\(path).poll.max", "must not be longer than lease")
            }
        }
    }

    private func isNamesake(_ left: OutboxDefinition, _ right: OutboxDefinition) -> Bool {
        left.name == right.name && !left.name.isEmpty
    }

    private func sharesTable(_ left: OutboxDefinition, _ right: OutboxDefinition) -> Bool {
        left.database == right.database && left.table == right.table
            && !left.database.isEmpty && !left.table.name.isEmpty
    }
}
