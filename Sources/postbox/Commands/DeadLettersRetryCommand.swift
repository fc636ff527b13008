import Control

/// `postbox dead-letters retry`.
func deadLettersRetryCommand() -> Command {
    Command(
        "retry",
        abstract: "Try messages again; the ones held behind them follow in order.",
        examples: [
            .init("postbox dead-letters retry --outbox shop 4711 4712", "two messages"),
            .init("postbox dead-letters retry --key customer-7", "all of a key"),
            .init("postbox dead-letters retry --inbox delivery --all", "all of an inbox"),
        ],
        accepts: DeadLetterOptions.selection
    ) { invocation in
        try invocation.changeDeadLetters(saying: "to be tried again") { order in
            try invocation.controlClient().retry(order)
        }
    }
}
