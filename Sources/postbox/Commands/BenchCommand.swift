import Glibc

/// `postbox bench`: measurements on this machine.
package func benchCommand() -> Command {
    Command(
        "bench",
        abstract: "Measure how fast this machine publishes and applies, and at what cost.",
        subcommands: [benchOutboxCommand(), benchInboxCommand()]
    )
}

/// Where both find their broker; nil, with a word on it, when two were named.
func benchBroker(of invocation: Invocation, _ command: String) -> StageBroker.Choice? {
    guard invocation[benchKafka] == nil || invocation[benchKafkaHome] == nil else {
        invocation.note("postbox bench \(command): --kafka and --kafka-home exclude each other")
        return nil
    }
    return invocation[benchKafka].map(StageBroker.Choice.at)
        ?? invocation[benchKafkaHome].map(StageBroker.Choice.home) ?? .builtIn
}

let benchKafka = Option<String?>(
    "kafka",
    value: "HOST:PORT",
    help: "Use this Kafka. Default: a built-in broker."
)
let benchKafkaHome = Option<String?>(
    "kafka-home",
    value: "DIR",
    help: "Start a Kafka from this distribution."
)

/// The one that was named, or else the one beside this program, if it was built.
func floorProgram(_ named: String?, _ name: String) throws -> String? {
    if let named {
        guard access(named, X_OK) == 0 else { throw BenchError.noFloor(named) }
        return named
    }
    let beside = "\(programFolder())/\(name)"
    return access(beside, X_OK) == 0 ? beside : nil
}
