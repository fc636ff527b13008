private let seconds = Option<Int>(
    "seconds",
    value: "N",
    default: 10,
    help: "How long messages are written."
)
private let rate = Option<Int>("rate", value: "N", default: 2_000, help: "Messages a second.")
private let kafka = Option<String?>(
    "kafka",
    value: "HOST:PORT",
    help: "Publish to this Kafka, in a topic of its own. Default: a built-in broker."
)
private let database = Option<String?>(
    "database",
    value: "URL",
    help: "Use this PostgreSQL, in a database of its own. Default: a private one."
)
private let json = Flag("json", help: "Print the summary as JSON.")

/// `postbox demo`: see it work, without any configuration.
package func demoCommand() -> Command {
    Command(
        "demo",
        abstract: "See it work: write an outbox, publish it, read it, check it.",
        discussion: """
            Starts a private PostgreSQL and a broker, runs the daemon, lets a service write product \
            changes (some transactions roll back, some commit late) and checks what a consumer \
            gets for loss, phantoms, order and repetition. Ends by itself, or early with Ctrl-C, \
            and removes what it has made. The exit code is 0 only when all that was committed \
            arrived, each key in order.
            """,
        examples: [
            .init("postbox demo", "ten seconds, nothing needed but PostgreSQL's programs"),
            .init("postbox demo --seconds 60 --rate 10000", "longer and faster"),
            .init("postbox demo --kafka localhost:9092", "the same on your Kafka"),
        ],
        accepts: [seconds, rate, kafka, database, json]
    ) { invocation in
        var options = DemoOptions()
        options.seconds = invocation[seconds]
        options.rate = invocation[rate]
        options.kafka = invocation[kafka]
        options.database = invocation[database]
        guard options.seconds > 0, options.rate > 0 else {
            invocation.note("postbox demo: --seconds and --rate must be above 0")
            return .usage
        }
        let wantsJSON = invocation[json]
        let demo = Demo(
            options: options,
            show: wantsJSON ? invocation.output.note : invocation.output.print,
            stop: .bySignals()
        )
        let summary = try await onOwnThread(named: "demo") { try demo.run() }
        if wantsJSON {
            try invocation.print(json: summary)
        } else {
            invocation.print(summary.lines)
        }
        return summary.isGood ? .ok : .failed
    }
}
