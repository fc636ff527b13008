private let rows = Option<Int>(
    "rows",
    value: "N",
    default: 1_000_000,
    help: "How many rows are drained."
)
private let bytes = Option<Int>("bytes", value: "N", default: 200, help: "Size of a payload.")
private let rounds = Option<Int>("rounds", value: "N", default: 2, help: "Drains of each kind.")
private let floor = Option<String?>(
    "floor",
    value: "PATH",
    help: "The program to measure against. Default: outbox-floor beside this program."
)
private let heldSnapshot = Flag(
    "held-snapshot",
    help: "Also drain while another transaction holds a snapshot."
)
private let latencyRate = Option<Int>(
    "latency-rate",
    value: "N",
    default: 1_000,
    help: "Rows a second of the latency run; 0 leaves it out."
)
private let json = Flag("json", help: "Print JSON.")

/// `postbox bench outbox`: drain a full table, against the floor.
func benchOutboxCommand() -> Command {
    Command(
        "outbox",
        abstract: "Drain a full outbox table, and measure the latency of a steady one.",
        discussion: """
            A private PostgreSQL is filled, and drained by the daemon and by a plain C loop that \
            keeps no promise, in turns. Every run is checked: one that lost or swapped a message \
            prints no figure. SETTLED and CONSUMED are rates from the first message's arrival to \
            the last row's removal and to the last message's arrival; processor times and WAL \
            are for each message. BATCH counts the rows that were read together, REQUEST the \
            records of a request.
            """,
        examples: [
            .init("postbox bench outbox", "a million rows, on the built-in broker"),
            .init("postbox bench outbox --kafka-home /opt/kafka --held-snapshot", "on a Kafka"),
        ],
        accepts: [
            rows, bytes, rounds, floor, benchKafka, benchKafkaHome, heldSnapshot, latencyRate,
            json,
        ]
    ) { invocation in
        guard let options = try options(of: invocation) else { return .usage }
        let bench = OutboxBench(
            options: options,
            show: invocation.output.note,
            stop: .bySignals()
        )
        let report = try await onOwnThread(named: "bench") { try bench.run() }
        if invocation[json] {
            try invocation.print(json: report)
        } else {
            invocation.print(BenchSheet(report).lines)
        }
        return .ok
    }
}

/// Nil, with a word on it, when they make no sense together.
private func options(of invocation: Invocation) throws -> BenchOptions? {
    let counts = [invocation[rows], invocation[bytes], invocation[rounds]]
    guard counts.allSatisfy({ $0 > 0 }), invocation[latencyRate] >= 0 else {
        invocation.note("postbox bench outbox: a count must be above 0")
        return nil
    }
    guard let broker = benchBroker(of: invocation, "outbox") else { return nil }
    var options = BenchOptions()
    options.rows = invocation[rows]
    options.bytes = invocation[bytes]
    options.rounds = invocation[rounds]
    options.measuresHeldSnapshot = invocation[heldSnapshot]
    options.latencyRate = invocation[latencyRate]
    options.floor = try floorProgram(invocation[floor], "outbox-floor")
    options.broker = broker
    return options
}
