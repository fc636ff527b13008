/// Asks a server one question at a time, blocking the caller until the answer is there.
///
/// Environment variables that name a proxy are ignored, redirections are not followed, and an
/// answer over 16 MiB is refused.
package struct HTTPClient: Sendable {
    private let endpoint: HTTPEndpoint
    private let timeout: Duration

    package init(_ endpoint: HTTPEndpoint, timeout: Duration = .seconds(5)) {
        self.endpoint = endpoint
        self.timeout = timeout
    }

    package func get(
        _ path: String,
        query: [String: String] = [:]
    ) throws(HTTPError) -> HTTPResponse {
        try send(HTTPRequest("GET", path, query: query))
    }

    package func post(
        _ path: String,
        query: [String: String] = [:],
        body: [UInt8] = []
    ) throws(HTTPError) -> HTTPResponse {
        try send(HTTPRequest("POST", path, query: query, body: body))
    }

    /// Sends the request and returns whatever the server answers, errors of the server included.
    package func send(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
        let transfer = try CurlHandle(to: endpoint, timeout: timeout)
        transfer.prepare(request)
        return try transfer.perform()
    }
}
