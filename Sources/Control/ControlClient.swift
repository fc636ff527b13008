import FoundationEssentials
import HTTP
package import Messaging

/// The command line's side of the socket; calls block until the daemon has answered.
package struct ControlClient: Sendable {
    package static let defaultSocketPath = "/run/postbox/control.sock"

    private let socketPath: String
    private let questions: HTTPClient
    /// A change of many messages may take its time.
    private let changes: HTTPClient

    package init(socketPath: String = defaultSocketPath) {
        self.socketPath = socketPath
        questions = HTTPClient(.unix(socketPath), timeout: .seconds(10))
        changes = HTTPClient(.unix(socketPath), timeout: .seconds(120))
    }

    package func status() throws(ControlError) -> StatusReport {
        try ask(HTTPRequest("GET", "/status"))
    }

    package func deadLetters(
        _ selection: DeadLetterSelection
    ) throws(ControlError) -> [DeadLetter] {
        let request = HTTPRequest("GET", "/dead-letters", query: selection.query)
        return try ask(request, as: DeadLetterList.self).deadLetters
    }

    /// One dead letter with its headers and its payload.
    package func deadLetter(_ mailbox: Mailbox, id: Int64) throws(ControlError) -> DeadLetterDetail
    {
        try ask(HTTPRequest("GET", DeadLetterPlace(mailbox, id: id).path))
    }

    /// Returns how many are tried again.
    package func retry(_ order: DeadLetterOrder) throws(ControlError) -> Int {
        try ask(order.request("/dead-letters/retry"), as: CountAnswer.self).count
    }

    /// Returns how many are gone for good.
    package func discard(_ order: DeadLetterOrder) throws(ControlError) -> Int {
        try ask(order.request("/dead-letters/discard"), as: CountAnswer.self).count
    }

    /// Shows what a seek means, and does it if the order says so.
    package func seek(_ order: SeekOrder) throws(ControlError) -> SeekPlan {
        let body: Data
        do {
            body = try JSONEncoder().encode(order)
        } catch {
            throw .badRequest("the order cannot be written as JSON")
        }
        return try ask(HTTPRequest("POST", "/positions/seek", body: Array(body)))
    }

    package func isLive() throws(ControlError) -> Bool { try isWell("/livez") }
    package func isReady() throws(ControlError) -> Bool { try isWell("/readyz") }

    private func isWell(_ path: String) throws(ControlError) -> Bool {
        try send(HTTPRequest("GET", path)).isSuccess
    }

    private func ask<Answer: Decodable>(
        _ request: HTTPRequest,
        as type: Answer.Type = Answer.self
    ) throws(ControlError) -> Answer {
        let response = try send(request)
        guard response.isSuccess else {
            let message = response.decoded(as: ErrorAnswer.self)?.error ?? response.bodyText
            throw ControlError(status: response.status, message: message)
        }
        guard let answer = response.decoded(as: type) else {
            throw .unreadableAnswer("to \(request.method) \(request.path)")
        }
        return answer
    }

    private func send(_ request: HTTPRequest) throws(ControlError) -> HTTPResponse {
        do {
            return try (request.method == "GET" ? questions : changes).send(request)
        } catch .notReachable(_, let reason) {
            throw .notReachable(socket: socketPath, reason: reason)
        } catch .timedOut(_, let after) {
            throw .unavailable("the daemon has not answered in \(after); it may still act")
        } catch {
            throw .unreadableAnswer("\(error)")
        }
    }
}
