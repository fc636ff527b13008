import FoundationEssentials
import HTTP
import Messaging

/// Which question goes to which action, and what its answer looks like.
struct ControlRoutes: Sendable {
    let actions: ControlActions

    /// Answers a request that came over the Unix socket.
    func answer(_ request: HTTPRequest) -> HTTPResponse {
        Self.answering {
            switch request.path {
            case "/livez", "/readyz": try health(request)
            case "/status": try status(request)
            case "/dead-letters": try list(request)
            case "/dead-letters/retry": try change(request, by: actions.retryDeadLetters)
            case "/dead-letters/discard": try change(request, by: actions.discardDeadLetters)
            case "/positions/seek": try seek(request)
            default: try show(request)
            }
        }
    }

    /// Answers a request that came over TCP, where anybody may ask: nothing but health.
    func publicAnswer(_ request: HTTPRequest) -> HTTPResponse {
        Self.answering { try health(request) }
    }

    private func health(_ request: HTTPRequest) throws -> HTTPResponse {
        guard request.path == "/livez" || request.path == "/readyz" else {
            throw ControlError.notFound("there is nothing at \(request.path)")
        }
        try Self.require("GET", of: request)
        let isLive = request.path == "/livez"
        guard isLive ? actions.isLive() : actions.isReady() else {
            throw ControlError.unavailable(
                isLive ? "no progress" : "not connected yet, or not any more"
            )
        }
        return .json(HealthAnswer(ok: true))
    }

    private func status(_ request: HTTPRequest) throws -> HTTPResponse {
        try Self.require("GET", of: request)
        return .json(try actions.status())
    }

    private func list(_ request: HTTPRequest) throws -> HTTPResponse {
        try Self.require("GET", of: request)
        let selection = try DeadLetterSelection(query: request.query)
        return .json(DeadLetterList(deadLetters: try actions.listDeadLetters(selection)))
    }

    private func show(_ request: HTTPRequest) throws -> HTTPResponse {
        guard let place = DeadLetterPlace(path: request.path) else {
            throw ControlError.notFound("there is nothing at \(request.path)")
        }
        try Self.require("GET", of: request)
        guard let detail = try actions.showDeadLetter(place.mailbox, place.id) else {
            throw ControlError.notFound("\(place.mailbox) has no dead letter \(place.id)")
        }
        return .json(detail)
    }

    private func change(
        _ request: HTTPRequest,
        by action: ControlActions.Count
    ) throws -> HTTPResponse {
        try Self.require("POST", of: request)
        let order = try DeadLetterOrder(json: request.body)
        return .json(CountAnswer(count: try action(order.selection)))
    }

    private func seek(_ request: HTTPRequest) throws -> HTTPResponse {
        try Self.require("POST", of: request)
        let order: SeekOrder
        do {
            order = try JSONDecoder().decode(SeekOrder.self, from: Data(request.body))
        } catch {
            throw ControlError.badRequest("the body is not the JSON object that is asked for")
        }
        do {
            return .json(try actions.seek(order))
        } catch let error as SeekError {
            throw ControlError.badRequest("\(error)")
        }
    }

    private static func require(_ method: String, of request: HTTPRequest) throws {
        guard request.method == method else {
            throw ControlError.methodNotAllowed("\(request.path) answers \(method) alone")
        }
    }

    private static func answering(_ body: () throws -> HTTPResponse) -> HTTPResponse {
        do {
            return try body()
        } catch {
            let refusal = error as? ControlError ?? .failed("\(error)")
            return .json(ErrorAnswer(error: refusal.description), status: refusal.status)
        }
    }
}
