import Synchronization

/// A small HTTP server: bounded, with a thread for each connection, so that a handler may block.
///
/// At most 64 connections, 64 kB of request body, and five seconds without a byte. A server that
/// listens on a loopback address answers only requests that name a loopback host, so that no
/// page in a browser can reach it under a name of its own.
package final class HTTPServer: Sendable {
    /// Where the server listens, with the port that it got.
    package let endpoint: HTTPEndpoint

    private let socketFile: UnixSocketFile?
    private let daemon: Mutex<DaemonHandle?>

    package init(
        endpoint: HTTPEndpoint,
        handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
    ) throws(HTTPError) {
        let socket = try ListenSocketHandle(endpoint)
        let address = socket.boundAddress
        self.endpoint = address.endpoint(asked: endpoint)
        self.socketFile = UnixSocketFile(of: endpoint)
        let requiresLoopbackHost = address.isLoopback
        let daemon = try DaemonHandle(listening: socket, on: self.endpoint) { request, host in
            guard !requiresLoopbackHost || HostRule.isLoopback(host) else {
                return .text("this host is not served here\n", status: 421)
            }
            return handler(request)
        }
        self.daemon = Mutex(daemon)
    }

    deinit { stop() }

    /// Stops listening, waits for the handlers that run, and removes the socket's file.
    ///
    /// Never call it from a handler, which would wait for itself.
    package func stop() {
        let stopping = daemon.withLock { $0.take() }
        guard stopping != nil else { return }
        // Order: the file goes first. Closed first, a successor could put its own file there
        // before this line removes it.
        socketFile?.remove()
        stopping?.stop()
    }
}
