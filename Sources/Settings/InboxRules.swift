import Messaging

/// What inboxes must keep to beside each other.
struct InboxRules {
    let inboxes: [InboxDefinition]

    func check(_ ledger: SettingsLedger) {
        for (index, inbox) in inboxes.enumerated() {
            let path = "inboxes[\(index)]"
            let earlier = inboxes[..<index]
            if let first = earlier.firstIndex(where: { isNamesake($0, inbox) }) {
                let place = ledger.locations["inboxes[\(first)].name"]
                ledger.report("\(path).name", "the inbox at \(place) has this name")
            } else if let first = earlier.firstIndex(where: { sharesGroup($0, inbox) }) {
                let place = ledger.locations["inboxes[\(first)]"]
                ledger.report("\(path).group", "the inbox at \(place) has this group")
            }
            if let topic = inbox.deadLetterTopic, inbox.topics.contains(topic) {
                ledger.report(
                    "\(path).dead_letter_topic",
                    "is one of the inbox's own topics: it would read its dead letters again"
                )
            }
        }
    }

    private func isNamesake(_ left: InboxDefinition, _ right: InboxDefinition) -> Bool {
        left.name == right.name && !left.name.isEmpty
    }

    /// The members of a group share its partitions, so two inboxes would each miss some.
    private func sharesGroup(_ left: InboxDefinition, _ right: InboxDefinition) -> Bool {
        left.kafka == right.kafka && left.group == right.group
            && !left.kafka.isEmpty && !left.group.isEmpty
    }
}
