private let seconds = Option<Int>(
    "seconds",
    value: "N",
    default: 10,
    help: "How long products are changed."
)
private let rate = Option<Int>(
    "rate",
    value: "N",
    default: 2_000,
    help: "Product changes a second."
)
private let kafka = Option<String?>(
    "kafka",
    value: "HOST:PORT",
    help: "Publish to this Kafka, in a topic of its own. Default: a built-in broker."
)
private let database = Option<String?>(
    "database",
    value: "URL",
    help: "Use this PostgreSQL, in two databases of its own. Default: a private one."
)
private let json = Flag("json", help: "Print the summary as JSON.")

/// `postbox demo`: see it work, without any configuration.
package func demoCommand() -> Command {
    Command(
        "demo",
        abstract: "See it work: what one service changes, another one sees in its own tables.",
        discussion: """
            Starts a private PostgreSQL with a database for each of two services, a broker, and \
            the daemon. The products service changes products through its outbox (some \
            transactions roll back, some commit late, some say everything twice); the inbox of \
            the delivery service applies the changes to its own table of products, which its query \
            joins with the deliveries. STALE is the time from a product's commit until that query \
            shows it. Ends by itself, or early with Ctrl-C, and removes what it has made. The exit \
            code is 0 only when every change was applied exactly once, each product in order.
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
