import Control
import Messaging

/// `postbox dead-letters`: what was taken out of the flow, and what becomes of it.
package func deadLettersCommand(
    consent: @escaping @Sendable (String) -> Consent = Consent.askedOnTerminal
) -> Command {
    Command(
        "dead-letters",
        abstract: "List, show, retry and discard messages that were taken out of the flow.",
        examples: [
            .init("postbox dead-letters list", "what waits for a person, and why"),
            .init(
                "postbox dead-letters retry --outbox shop 4711",
                "try one again, its followers behind it"
            ),
        ],
        subcommands: [
            deadLettersListCommand(), deadLettersShowCommand(), deadLettersRetryCommand(),
            deadLettersDiscardCommand(consent: consent),
        ]
    )
}

extension DeadLetter.State: CommandValue {}

/// What `retry` and `discard` accept alike.
enum DeadLetterOptions {
    static let outbox = Option<String?>("outbox", value: "NAME", help: "Of this outbox.")
    static let inbox = Option<String?>("inbox", value: "NAME", help: "Of this inbox.")
    static let ids = Argument<[Int]>("ID", help: "Ids of messages, as `list` shows them.")
    static let key = Option<String?>("key", value: "KEY", help: "All messages of this key.")
    static let all = Flag("all", help: "All of the outbox or inbox, or of every one.")
    static let selection: [any CommandParameter] = [
        ids, outbox, inbox, key, all, ControlOptions.json, ControlOptions.socket,
        ControlOptions.config,
    ]
}

extension Invocation {
    /// The outbox or inbox that the words name.
    func mailbox() throws(ControlError) -> Mailbox? {
        let (outbox, inbox) = (self[DeadLetterOptions.outbox], self[DeadLetterOptions.inbox])
        guard outbox == nil || inbox == nil else {
            throw .badRequest("--outbox and --inbox exclude each other")
        }
        return outbox.map(Mailbox.outbox) ?? inbox.map(Mailbox.inbox)
    }

    /// What the words select; throws `ControlError.badRequest` when they select nothing.
    func deadLetterOrder() throws(ControlError) -> DeadLetterOrder {
        let ids = self[DeadLetterOptions.ids].map(Int64.init)
        let key = self[DeadLetterOptions.key]
        let all = self[DeadLetterOptions.all]
        let mailbox = try mailbox()
        guard !ids.isEmpty || key != nil || all else {
            throw .badRequest("name ids, or say --key KEY or --all")
        }
        guard ids.isEmpty || mailbox != nil else {
            throw .badRequest("ids need --outbox NAME or --inbox NAME")
        }
        return try DeadLetterOrder(
            DeadLetterSelection(
                mailbox,
                ids: ids,
                key: key,
                limit: .max
            ),
            all: all
        )
    }

    /// Does what `change` does to the messages that the words select, and says to how many.
    func changeDeadLetters(
        saying done: String,
        _ change: (DeadLetterOrder) throws -> Int?
    ) throws -> ExitCode {
        let order: DeadLetterOrder
        do {
            order = try deadLetterOrder()
        } catch {
            note("\(error)")
            return .usage
        }
        guard let count = try change(order) else { return .failed }
        if self[ControlOptions.json] {
            try print(json: ["count": count])
        } else {
            print("\(HumanUnits.messages(count)) \(done)")
        }
        return missing(after: count, of: order)
    }

    /// Named messages that were not there are a failure; nothing to do for `--all` is none.
    private func missing(after count: Int, of order: DeadLetterOrder) -> ExitCode {
        let expected = order.all ? 0 : max(1, Set(order.selection.ids).count)
        guard count < expected else { return .ok }
        note(
            count == 0
                ? "no dead letter is named so; 'postbox dead-letters list' shows them"
                : "\(expected - count) of the messages named are no dead letters"
        )
        return .failed
    }
}
