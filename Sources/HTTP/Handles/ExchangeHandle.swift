import CHTTPShim
import CMicrohttpd

/// One request on one connection, from its head to its answer; used by the connection's thread
/// alone.
final class ExchangeHandle {
    private let connection: OpaquePointer
    private var request: HTTPRequest
    private var receivedCount = 0

    /// The largest body that a handler gets to see.
    private static let bodyLimit = 64 * 1024
    /// How much of a body that is too large is read and forgotten, so that its sender comes to
    /// read the answer; beyond it the connection is cut.
    private static let patience = 1024 * 1024

    init(
        _ connection: OpaquePointer,
        method: UnsafePointer<CChar>,
        url: UnsafePointer<CChar>
    ) {
        self.connection = connection
        request = HTTPRequest(String(cString: method), String(cString: url))
        request.query = Self.query(of: connection)
    }

    /// Whether the request announces a body that is not even worth reading.
    var isHopeless: Bool {
        header("Content-Length").flatMap { Int($0) }.map { $0 > Self.patience } ?? false
    }

    /// Takes a piece of the body; false when the connection is to be cut.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        receivedCount += bytes.count
        if receivedCount <= Self.bodyLimit {
            request.body += bytes
        }
        return receivedCount <= Self.patience
    }

    func response(from handler: ExchangeHandler) -> HTTPResponse {
        receivedCount > Self.bodyLimit ? .tooLarge : handler(request, header("Host"))
    }

    func send(_ response: HTTPResponse) -> MHD_Result {
        response.body.withUnsafeBytes { bytes in
            http_server_reply(
                connection,
                UInt32(response.status),
                response.contentType,
                bytes.baseAddress,
                bytes.count
            )
        }
    }

    private func header(_ name: String) -> String? {
        MHD_lookup_connection_value(connection, .HEADER_KIND, name).map { String(cString: $0) }
    }

    private static func query(of connection: OpaquePointer) -> [String: String] {
        var query: [String: String] = [:]
        // Safety: the iteration ends before the pointer to the local dictionary does.
        withUnsafeMutablePointer(to: &query) { pointer in
            _ = MHD_get_connection_values(connection, .GET_ARGUMENT_KIND, collect, pointer)
        }
        return query
    }
}

/// Called for each pair of a query.
private func collect(
    into query: UnsafeMutableRawPointer?,
    kind: MHD_ValueKind,
    name: UnsafePointer<CChar>?,
    value: UnsafePointer<CChar>?
) -> MHD_Result {
    guard let query, let name else { return .YES }
    // Safety: the caller passes the address of a dictionary of this type.
    let values = query.assumingMemoryBound(to: [String: String].self)
    values.pointee[String(cString: name)] = value.map { String(cString: $0) } ?? ""
    return .YES
}
