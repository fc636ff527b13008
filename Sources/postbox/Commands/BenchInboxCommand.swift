private let messages = Option<Int?>(
    "messages",
    value: "N",
    help: "How many are applied. Default: 1000000 on a Kafka, 200000 on the built-in broker."
)
private let bytes = Option<Int>("bytes", value: "N", default: 200, help: "Size of a payload.")
private let rounds = Option<Int>("rounds", value: "N", default: 2, help: "Runs of each case.")
private let lanes = Option<Int>("lanes", value: "N", default: 2, help: "Lanes of the inbox.")
private let floor = Option<String?>(
    "floor",
    value: "PATH",
    help: "The program to measure against. Default: inbox-floor beside this program."
)
private let json = Flag("json", help: "Print JSON.")

/// `postbox bench inbox`: apply a full topic, against the floor.
func benchInboxCommand() -> Command {
    Command(
        "inbox",
        abstract: "Apply a full topic to a table, with and without repeats.",
        discussion: """
            A topic is filled, and applied to a table of accounts by a plain C loop that keeps no \
            promise and by the daemon, in turns: with no repeat, with every second message a \
            repeat, and with nothing but repeats. Every run is checked: where the sum of one \
            account is wrong, there is no figure. RATE is taken between the first and the last \
            commit; processor times and WAL are for each message.
            """,
        examples: [
            .init("postbox bench inbox", "on the built-in broker"),
            .init("postbox bench inbox --kafka-home /opt/kafka --lanes 2", "a million, on a Kafka"),
        ],
        accepts: [messages, bytes, rounds, lanes, floor, benchKafka, benchKafkaHome, json]
    ) { invocation in
        guard let options = try options(of: invocation) else { return .usage }
        let bench = InboxBench(options: options, show: invocation.output.note, stop: .bySignals())
        let report = try await onOwnThread(named: "bench") { try bench.run() }
        if invocation[json] {
            try invocation.print(json: report)
        } else {
            invocation.print(InboxBenchSheet(report).lines)
        }
        return .ok
    }
}

/// Nil, with a word on it, when they make no sense together.
private func options(of invocation: Invocation) throws -> InboxBenchOptions? {
    let counts = [invocation[messages] ?? 1, invocation[rounds], invocation[lanes]]
    guard counts.allSatisfy({ $0 > 0 }) else {
        invocation.note("postbox bench inbox: a count must be above 0")
        return nil
    }
    guard invocation[bytes] >= InboxBenchOptions.smallest else {
        invocation.note(
            "postbox bench inbox: --bytes must be \(InboxBenchOptions.smallest) or more"
        )
        return nil
    }
    guard let broker = benchBroker(of: invocation, "inbox") else { return nil }
    var options = InboxBenchOptions()
    options.messages = invocation[messages]
    options.bytes = invocation[bytes]
    options.rounds = invocation[rounds]
    options.lanes = invocation[lanes]
    options.floor = try floorProgram(invocation[floor], "inbox-floor")
    options.broker = broker
    return options
}
