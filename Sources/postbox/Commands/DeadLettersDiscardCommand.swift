import Control
import Messaging

private let yes = Flag("yes", short: "y", help: "Do not ask.")

/// `postbox dead-letters discard`.
func deadLettersDiscardCommand(
    consent: @escaping @Sendable (String) -> Consent
) -> Command {
    Command(
        "discard",
        abstract: "Delete messages for good; the ones held behind them go on.",
        discussion: "Asks first. Where there is no terminal to ask on, --yes must be said.",
        examples: [
            .init(
                "postbox dead-letters discard --outbox shop 4711",
                "one message, after a question"
            ),
            .init(
                "postbox dead-letters discard --outbox shop --key customer-7 --yes",
                "all of a key"
            ),
            .init("postbox dead-letters discard --inbox delivery --all", "all of an inbox"),
        ],
        accepts: DeadLetterOptions.selection + [yes]
    ) { invocation in
        try invocation.changeDeadLetters(saying: "discarded") { order in
            let client = try invocation.controlClient()
            guard try invocation[yes] || agrees(to: order, client, invocation, consent) else {
                return nil
            }
            return try client.discard(order)
        }
    }
}

/// Asks whether as many messages as the order means now are to be deleted.
private func agrees(
    to order: DeadLetterOrder,
    _ client: ControlClient,
    _ invocation: Invocation,
    _ consent: (String) -> Consent
) throws -> Bool {
    var selection = order.selection
    selection.limit = DeadLetterSelection.listLimit
    let count = try client.deadLetters(selection).count
    let messages = HumanUnits.messages(count)
    let many = count == selection.limit ? "\(messages) or more" : messages
    switch consent("Discard \(many) for good?") {
    case .given: return true
    case .refused: invocation.note("nothing was discarded")
    case .notAsked: invocation.note("there is no terminal to ask on: say --yes")
    }
    return false
}
