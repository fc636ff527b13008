/// What can go wrong between the command line and the daemon.
///
/// The first six travel as HTTP status and come out of `ControlClient` as the case that went in.
package enum ControlError: Error, Sendable, Hashable {
    /// The request does not say what it wants, or wants too much without saying so.
    case badRequest(String)
    case notFound(String)
    case methodNotAllowed(String)
    case tooLarge(String)
    /// The daemon is there, but something that it needs is not.
    case unavailable(String)
    case failed(String)
    case notReachable(socket: String, reason: String)
    /// The daemon answered something else than this version of the command line knows.
    case unreadableAnswer(String)
}

extension ControlError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badRequest(let message), .notFound(let message), .methodNotAllowed(let message),
            .tooLarge(let message), .unavailable(let message), .failed(let message):
            message
        case .notReachable(let socket, let reason):
            """
            the daemon does not answer on \(socket): \(reason)
            Is `postbox run` running, with this path as its control.socket, and may you write to it?
            """
        case .unreadableAnswer(let reason):
            "the daemon's answer is not understood (\(reason)): is it of another version?"
        }
    }
}

extension ControlError {
    /// The HTTP status it travels as.
    var status: Int {
        switch self {
        case .badRequest: 400
        case .notFound: 404
        case .methodNotAllowed: 405
        case .tooLarge: 413
        case .unavailable: 503
        case .failed, .notReachable, .unreadableAnswer: 500
        }
    }

    /// What a refusal with `status` and `message` was on the other side.
    init(status: Int, message: String) {
        self =
            switch status {
            case 400: .badRequest(message)
            case 404: .notFound(message)
            case 405: .methodNotAllowed(message)
            case 413: .tooLarge(message)
            case 503: .unavailable(message)
            default: .failed(message)
            }
    }
}
