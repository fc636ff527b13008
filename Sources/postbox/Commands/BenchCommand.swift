import Glibc

/// `postbox bench`: measurements on this machine.
package func benchCommand() -> Command {
    Command(
        "bench",
        abstract: "Measure how fast this machine publishes, and at what cost.",
        subcommands: [benchOutboxCommand()]
    )
}

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
private let kafka = Option<String?>(
    "kafka",
    value: "HOST:PORT",
    help: "Publish to this Kafka. Default: a built-in broker."
)
private let kafkaHome = Option<String?>(
    "kafka-home",
    value: "DIR",
    help: "Start a Kafka from this distribution."
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
private func benchOutboxCommand() -> Command {
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
            rows, bytes, rounds, floor, kafka, kafkaHome, heldSnapshot, latencyRate, json,
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
    guard invocation[kafka] == nil || invocation[kafkaHome] == nil else {
        invocation.note("postbox bench outbox: --kafka and --kafka-home exclude each other")
        return nil
    }
    var options = BenchOptions()
    options.rows = invocation[rows]
    options.bytes = invocation[bytes]
    options.rounds = invocation[rounds]
    options.measuresHeldSnapshot = invocation[heldSnapshot]
    options.latencyRate = invocation[latencyRate]
    options.floor = try floorProgram(invocation[floor])
    options.broker =
        invocation[kafka].map(StageBroker.Choice.at)
        ?? invocation[kafkaHome].map(StageBroker.Choice.home) ?? .builtIn
    return options
}

/// The one that was named, or else the one beside this program, if it was built.
private func floorProgram(_ named: String?) throws -> String? {
    if let named {
        guard access(named, X_OK) == 0 else { throw BenchError.noFloor(named) }
        return named
    }
    let folder = programFolder()
    let beside = "\(folder)/outbox-floor"
    return access(beside, X_OK) == 0 ? beside : nil
}
