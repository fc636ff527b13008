import Control
import FoundationEssentials
import HTTP
import Messaging
import Synchronization

/// A control server on a Unix socket of one test's own, with actions that remember what they were
/// asked and answer from what the test put there.
final class ControlFixture: Sendable {
    struct State {
        var report = StatusReport.sample()
        var letters: [DeadLetter] = []
        var detail: DeadLetterDetail?
        var count = 0
        var plan = SeekPlan(inbox: "a", moves: [], recognisesRepeats: true, isApplied: false)
        var seeks: [SeekOrder] = []
        var isLive = true
        var isReady = true
        var failure: (any Error)?
        /// Each call, with the selection it came with.
        var calls: [Call] = []
    }

    struct Call: Equatable {
        let action: String
        let selection: DeadLetterSelection
    }

    let server: ControlServer
    let client: ControlClient
    let socketPath: String
    private let folder: String
    private let shared: SharedState

    init(listen: HTTPEndpoint? = nil) throws {
        folder = "/tmp/postbox-control-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        socketPath = "\(folder)/control.sock"
        shared = SharedState()
        server = try ControlServer(
            socketPath: socketPath,
            listen: listen,
            actions: shared.actions
        )
        client = ControlClient(socketPath: socketPath)
    }

    deinit {
        server.stop()
        // Only cleanup: nothing depends on it.
        try? FileManager.default.removeItem(atPath: folder)
    }

    func set(_ change: (inout State) -> Void) { shared.state.withLock { change(&$0) } }
    var seeks: [SeekOrder] { shared.state.withLock { $0.seeks } }
    var calls: [Call] { shared.state.withLock { $0.calls } }

    /// What the server answers to a request that no client of ours would send.
    func answer(
        _ method: String,
        _ path: String,
        query: [String: String] = [:],
        body: String = ""
    )
        throws -> HTTPResponse
    {
        try HTTPClient(.unix(socketPath))
            .send(HTTPRequest(method, path, query: query, body: Array(body.utf8)))
    }
}

/// Gives the state an address that the actions can hold.
private final class SharedState: Sendable {
    let state = Mutex(ControlFixture.State())

    var actions: ControlActions {
        ControlActions(
            status: { try self.read(\.report) },
            listDeadLetters: { try self.answer("list", $0, \.letters) },
            showDeadLetter: { mailbox, id in
                try self.answer("show", DeadLetterSelection(mailbox, ids: [id]), \.detail)
            },
            retryDeadLetters: { try self.answer("retry", $0, \.count) },
            discardDeadLetters: { try self.answer("discard", $0, \.count) },
            seek: { order in
                self.state.withLock { $0.seeks.append(order) }
                return try self.read(\.plan)
            },
            isLive: { self.state.withLock { $0.isLive } },
            isReady: { self.state.withLock { $0.isReady } }
        )
    }

    private func read<Value: Sendable>(_ value: (ControlFixture.State) -> Value) throws -> Value {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            return value(state)
        }
    }

    private func answer<Value: Sendable>(
        _ action: String,
        _ selection: DeadLetterSelection,
        _ value: (ControlFixture.State) -> Value
    ) throws -> Value {
        state.withLock { $0.calls.append(.init(action: action, selection: selection)) }
        return try read(value)
    }
}

extension StatusReport {
    static func sample() -> StatusReport {
        var lane = LaneStatus(outbox: "shop", lane: 0)
        lane.state = .publishing
        lane.owner = "relay-a"
        lane.backlog = 12
        lane.oldestAgeSeconds = 0.25
        lane.lastError = "the broker said \"no\"/é"
        return StatusReport(
            instance: "relay-a",
            version: "0.1.0",
            pid: 4711,
            uptimeSeconds: 1.5,
            residentBytes: 20 << 20,
            cpuPercent: 2.5,
            lanes: [lane]
        )
    }
}

extension DeadLetter {
    static func sample(id: Int64, key: String? = "k", state: State = .dead) -> DeadLetter {
        var letter = DeadLetter(
            .outbox("shop"),
            id: id,
            state: state,
            attempts: 8,
            parkedAt: "2026-01-02T03:04:05Z"
        )
        letter.key = key
        letter.reason = "too large"
        letter.payloadBytes = 3
        return letter
    }
}
