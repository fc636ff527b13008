import Control

/// `postbox dead-letters retry`.
func deadLettersRetryCommand() -> Command {
    Command(
        "retry",
        abstract: "Try messages again; the ones held behind them follow in order.",
        examples: [
            .init("postbox dead-letters retry shop 4711 4712", "two messages"),
            .init("postbox dead-letters retry shop --key customer-7", "all of a key"),
            .init("postbox dead-letters retry shop --all", "all of an outbox"),
        ],
        accepts: DeadLetterOptions.selection
    ) { invocation in
        try invocation.changeDeadLetters(saying: "to be tried again") { order in
            try invocation.controlClient().retry(order)
        }
    }
}
