import Control
import FoundationEssentials
import Messaging

private let id = Argument<Int>("ID", help: "The id of the message, as `list` shows it.")
private let payload = Option<String?>(
    "payload",
    value: "FILE",
    help: "Write the payload alone to this file."
)

/// `postbox dead-letters show`.
func deadLettersShowCommand() -> Command {
    Command(
        "show",
        abstract: "Show one message with its headers and its payload.",
        discussion: "A payload is shown up to 1 MiB.",
        examples: [
            .init(
                "postbox dead-letters show --outbox shop 4711",
                "everything known of message 4711"
            ),
            .init(
                "postbox dead-letters show --inbox delivery 17 --payload body.json",
                "save its payload"
            ),
        ],
        accepts: [
            id, DeadLetterOptions.outbox, DeadLetterOptions.inbox, payload, ControlOptions.json,
            ControlOptions.socket,
            ControlOptions.config,
        ]
    ) { invocation in
        let mailbox: Mailbox
        do throws(ControlError) {
            guard let named = try invocation.mailbox() else {
                throw .badRequest("say --outbox NAME or --inbox NAME")
            }
            mailbox = named
        } catch {
            invocation.note("\(error)")
            return .usage
        }
        let client = try invocation.controlClient()
        let detail = try client.deadLetter(mailbox, id: Int64(invocation[id]))
        if let file = invocation[payload] { return try save(detail, as: file, invocation) }
        if invocation[ControlOptions.json] {
            try invocation.print(json: detail)
        } else {
            invocation.print(DeadLetterSheet(detail).lines)
        }
        return .ok
    }
}

/// Writes the payload; a part of one is no success, for a script would take it for the whole.
private func save(
    _ detail: DeadLetterDetail,
    as file: String,
    _ invocation: Invocation
) throws -> ExitCode {
    guard let bytes = detail.payload else {
        invocation.note("the message has no payload: it is a tombstone")
        return .failed
    }
    try bytes.write(to: URL(filePath: file))
    guard detail.isTruncated else { return .ok }
    invocation.note("\(file) holds the first \(bytes.count) bytes alone")
    return .failed
}
