package import HTTP

/// Answers the command line over a Unix socket, and health checks over TCP where that is wanted.
package final class ControlServer: Sendable {
    private let socket: HTTPServer
    private let listener: HTTPServer?

    /// Listens until `stop`; throws when the socket or the address cannot be had.
    ///
    /// The socket is made with mode 0660: who may write to it may retry and discard messages. The
    /// TCP listener tells health alone.
    package init(
        socketPath: String,
        listen: HTTPEndpoint? = nil,
        actions: ControlActions
    ) throws(HTTPError) {
        let routes = ControlRoutes(actions: actions)
        let socket = try HTTPServer(endpoint: .unix(socketPath)) { routes.answer($0) }
        self.socket = socket
        do {
            listener = try listen.map { endpoint throws(HTTPError) in
                try HTTPServer(endpoint: endpoint) { routes.publicAnswer($0) }
            }
        } catch {
            socket.stop()
            throw error
        }
    }

    /// Where health checks are answered over TCP, with the port that the listener got.
    package var listening: HTTPEndpoint? { listener?.endpoint }

    /// Stops listening, waits for the actions that run, and removes the socket's file.
    package func stop() {
        listener?.stop()
        socket.stop()
    }
}
