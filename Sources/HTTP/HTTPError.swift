/// What can go wrong between a client and a server of this module.
package enum HTTPError: Error, Equatable, Sendable {
    /// Nobody answers there: nothing was sent.
    case notReachable(HTTPEndpoint, reason: String)
    /// The server was reached and has not answered in time: it may have acted.
    case timedOut(HTTPEndpoint, after: Duration)
    /// The server was reached and its answer cannot be understood: it may have acted.
    case brokenReply(HTTPEndpoint, reason: String)
    /// Another server answers on the endpoint that this one was to listen on.
    case endpointInUse(HTTPEndpoint)
    /// The endpoint cannot be listened on.
    case cannotListen(HTTPEndpoint, reason: String)

    /// Whether the other side was never reached, so that a repetition is safe.
    package var isNotReachable: Bool {
        if case .notReachable = self { true } else { false }
    }
}

extension HTTPError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notReachable(let endpoint, let reason): "cannot reach \(endpoint): \(reason)"
        case .timedOut(let endpoint, let after): "\(endpoint) has not answered in \(after)"
        case .brokenReply(let endpoint, let reason): "broken answer from \(endpoint): \(reason)"
        case .endpointInUse(let endpoint): "another process answers on \(endpoint)"
        case .cannotListen(let endpoint, let reason): "cannot listen on \(endpoint): \(reason)"
        }
    }
}
