import CCurl
import CHTTPShim
import Glibc

/// libcurl must be prepared once, before its first use, which a global's initialiser grants.
private let preparation = http_client_prepare()

/// One transfer of libcurl: made, performed once, freed.
struct CurlHandle: ~Copyable {
    private let easy: UnsafeMutableRawPointer
    private let headers: UnsafeMutablePointer<curl_slist>?
    private let endpoint: HTTPEndpoint
    private let timeout: Duration

    init(to endpoint: HTTPEndpoint, timeout: Duration) throws(HTTPError) {
        guard preparation == CURLE_OK, let easy = curl_easy_init() else {
            throw .notReachable(endpoint, reason: "libcurl cannot start")
        }
        self.easy = easy
        self.endpoint = endpoint
        self.timeout = timeout
        // An empty Expect keeps libcurl from waiting for leave to send a body.
        headers = curl_slist_append(
            curl_slist_append(nil, "Expect:"),
            "Content-Type: application/json"
        )
    }

    deinit {
        curl_easy_cleanup(easy)
        // Order: libcurl does not copy the list; it goes after the transfer that uses it.
        curl_slist_free_all(headers)
    }

    func prepare(_ request: HTTPRequest) {
        set(CURLOPT_URL, endpoint.origin + request.target)
        if case .unix(let path) = endpoint { set(CURLOPT_UNIX_SOCKET_PATH, path) }
        set(CURLOPT_PROXY, "")
        set(CURLOPT_PROTOCOLS_STR, "http")
        set(CURLOPT_CUSTOMREQUEST, request.method)
        set(CURLOPT_TIMEOUT_MS, max(1, timeout.milliseconds))
        set(CURLOPT_NOSIGNAL, 1)
        guard request.method != "GET" else { return }
        _ = http_client_set_headers(easy, headers)
        _ = request.body.withUnsafeBytes {
            // libcurl takes a missing body for one that a callback gives.
            http_client_set_body(easy, $0.baseAddress ?? UnsafeRawPointer(easy), $0.count)
        }
    }

    func perform() throws(HTTPError) -> HTTPResponse {
        let sink = ReplySink()
        let code = withExtendedLifetime(sink) {
            // Safety: the sink outlives the transfer, which runs on this thread.
            _ = http_client_set_receiver(easy, receive, Unmanaged.passUnretained(sink).toOpaque())
            return curl_easy_perform(easy)
        }
        guard code == CURLE_OK else { throw error(for: code) }
        return HTTPResponse(
            status: http_client_number(easy, CURLINFO_RESPONSE_CODE),
            contentType: http_client_text(easy, CURLINFO_CONTENT_TYPE)
                .map { String(cString: $0) } ?? "",
            body: sink.body
        )
    }

    private func error(for code: CURLcode) -> HTTPError {
        switch code {
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST:
            .notReachable(endpoint, reason: reason(for: code))
        case CURLE_OPERATION_TIMEDOUT:
            .timedOut(endpoint, after: timeout)
        default:
            .brokenReply(endpoint, reason: reason(for: code))
        }
    }

    private func reason(for code: CURLcode) -> String {
        let systemError = Int32(http_client_number(easy, CURLINFO_OS_ERRNO))
        guard systemError == 0 else { return String(cString: strerror(systemError)) }
        return String(cString: curl_easy_strerror(code))
    }

    private func set(_ option: CURLoption, _ text: String) {
        let code = http_client_set_text(easy, option, text)
        precondition(code == CURLE_OK, "libcurl does not know an option of ours")
    }

    private func set(_ option: CURLoption, _ number: Int) {
        let code = http_client_set_number(easy, option, number)
        precondition(code == CURLE_OK, "libcurl does not know an option of ours")
    }
}

/// What has arrived of a reply; used by the thread that performs the transfer.
private final class ReplySink {
    static let limit = 16 * 1024 * 1024
    var body: [UInt8] = []
}

/// Called by libcurl for each piece of a reply; taking less than all of it ends the transfer.
private func receive(
    bytes: UnsafeMutablePointer<CChar>?,
    size: Int,
    count: Int,
    context: UnsafeMutableRawPointer?
) -> Int {
    guard let context, let bytes else { return 0 }
    // Safety: `perform` passes a sink that lives until the transfer is over.
    let sink = Unmanaged<ReplySink>.fromOpaque(context).takeUnretainedValue()
    guard sink.body.count + size * count <= ReplySink.limit else { return 0 }
    sink.body += UnsafeRawBufferPointer(start: bytes, count: size * count)
    return size * count
}

extension Duration {
    fileprivate var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
