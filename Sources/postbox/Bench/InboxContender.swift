import Kafka
import Threads

/// What applies the topic: the daemon by one of its ways, or the floor that keeps no promise.
enum InboxContender: Sendable, Hashable {
    case floor(String)
    case batchFunction
    case function

    var name: String {
        switch self {
        case .floor: "floor"
        case .batchFunction: "batch_function"
        case .function: "function"
        }
    }

    func start(_ backlog: Backlog, lanes: Int, on stage: Stage) throws -> RunningContender {
        switch self {
        case .floor(let path):
            let arguments = [
                path, "--database", stage.database.conninfo, "--brokers",
                stage.broker.cluster.brokers.joined(separator: ","), "--topic", backlog.topic,
                "--messages", "\(backlog.messages)",
            ]
            return .floor(try ChildProcess(arguments, options: .collecting))
        case .batchFunction, .function:
            let handler = self == .function ? "on_account" : "on_accounts"
            let inbox = StageInbox(
                topic: backlog.topic,
                apply: "\(name): bench.\(handler)",
                lanes: lanes
            )
            return .daemon(try stage.startDaemon(inbox: inbox))
        }
    }

    /// How many messages it has committed.
    func progress(by table: AccountTable) throws -> Int {
        if case .floor = self { return try table.floorProgress() }
        return try table.inboxProgress()
    }
}
