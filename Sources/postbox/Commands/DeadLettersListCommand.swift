import Control
import Messaging

private let limit = Option<Int>(
    "limit",
    value: "COUNT",
    default: 100,
    help: "The most that are listed, up to 10,000."
)
private let states = Option<[DeadLetter.State]>(
    repeated: "state",
    value: "STATE",
    help: "Messages in this state; dead ones unless given."
)

/// `postbox dead-letters list`.
func deadLettersListCommand() -> Command {
    Command(
        "list",
        abstract: "List messages that were taken out of the flow, and why.",
        examples: [
            .init("postbox dead-letters list", "those that wait for a person"),
            .init(
                "postbox dead-letters list --outbox shop --key customer-7",
                "of one outbox and key"
            ),
            .init("postbox dead-letters list --state held", "those that wait behind another"),
        ],
        accepts: [
            DeadLetterOptions.outbox, DeadLetterOptions.inbox, DeadLetterOptions.key, states, limit,
            ControlOptions.json,
            ControlOptions.socket, ControlOptions.config,
        ]
    ) { invocation in
        let mailbox: Mailbox?
        do {
            mailbox = try invocation.mailbox()
        } catch {
            invocation.note("\(error)")
            return .usage
        }
        let selection = DeadLetterSelection(
            mailbox,
            key: invocation[DeadLetterOptions.key],
            states: invocation[states].isEmpty ? nil : invocation[states],
            limit: invocation[limit]
        )
        let letters = try invocation.controlClient().deadLetters(selection)
        if invocation[ControlOptions.json] {
            try invocation.print(json: letters)
        } else if letters.isEmpty {
            invocation.note("no dead letters")
        } else {
            invocation.print(DeadLetterTable(letters).lines)
        }
        if letters.count == invocation[limit] {
            invocation.note("these are the first \(letters.count); --limit shows more")
        }
        return .ok
    }
}
