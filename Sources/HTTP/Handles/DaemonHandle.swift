import CHTTPShim
import CMicrohttpd
import Glibc

/// Answers a request; the second value is its `Host` header.
typealias ExchangeHandler = @Sendable (HTTPRequest, String?) -> HTTPResponse

/// A running libmicrohttpd daemon.
// Safety: the pointers are used by `stop` alone, once, which libmicrohttpd allows from any thread
// that is not one of its own.
struct DaemonHandle: ~Copyable, @unchecked Sendable {
    private let daemon: OpaquePointer
    private let handler: Unmanaged<HandlerBox>

    private static let connectionLimit: UInt32 = 64
    private static let idleSeconds: UInt32 = 5

    /// Starts to answer on the socket, which belongs to the daemon from now on.
    init(
        listening socket: consuming ListenSocketHandle,
        on endpoint: HTTPEndpoint,
        handler: @escaping ExchangeHandler
    ) throws(HTTPError) {
        // Taken back by `stop`.
        let box = Unmanaged.passRetained(HandlerBox(handler))
        var options = http_server_options(
            listen_socket: socket.surrender(),
            connection_limit: Self.connectionLimit,
            idle_seconds: Self.idleSeconds,
            answer: answer,
            completed: complete,
            context: box.toOpaque()
        )
        guard let daemon = http_server_start(&options) else {
            box.release()
            throw .cannotListen(endpoint, reason: "the HTTP server cannot start its threads")
        }
        self.daemon = daemon
        self.handler = box
    }

    /// Waits for the handlers that run, then closes the socket and every connection.
    consuming func stop() {
        MHD_stop_daemon(daemon)
        // Order: no thread of the daemon is left that could call the handler.
        handler.release()
    }
}

/// Gives the handler an address.
private final class HandlerBox: Sendable {
    let handler: ExchangeHandler

    init(_ handler: @escaping ExchangeHandler) { self.handler = handler }
}

/// Called by the connection's thread: when the head of a request is there, for each piece of its
/// body, and at last to be answered.
private func answer(
    context: UnsafeMutableRawPointer?,
    connection: OpaquePointer?,
    url: UnsafePointer<CChar>?,
    method: UnsafePointer<CChar>?,
    version: UnsafePointer<CChar>?,
    piece: UnsafePointer<CChar>?,
    pieceCount: UnsafeMutablePointer<Int>?,
    slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context, let connection, let url, let method, let pieceCount, let slot else {
        return .NO
    }
    guard let opaque = slot.pointee else {
        let exchange = ExchangeHandle(connection, method: method, url: url)
        // Taken back by `complete`, which is called for every slot that was filled.
        slot.pointee = Unmanaged.passRetained(exchange).toOpaque()
        return exchange.isHopeless ? exchange.send(.tooLarge) : .YES
    }
    // Safety: the slot holds what the first call put there, and only this thread uses it.
    let exchange = Unmanaged<ExchangeHandle>.fromOpaque(opaque).takeUnretainedValue()
    guard pieceCount.pointee == 0 else {
        let bytes = UnsafeRawBufferPointer(start: piece, count: pieceCount.pointee)
        pieceCount.pointee = 0
        return exchange.receive(bytes) ? .YES : .NO
    }
    // Safety: the box lives until the daemon has stopped.
    let box = Unmanaged<HandlerBox>.fromOpaque(context).takeUnretainedValue()
    return exchange.send(exchange.response(from: box.handler))
}

/// Called by the connection's thread when a request is over, whether answered or broken off.
private func complete(
    context: UnsafeMutableRawPointer?,
    connection: OpaquePointer?,
    slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    reason: MHD_RequestTerminationCode
) {
    guard let opaque = slot?.pointee else { return }
    // Matches passRetained in `answer`.
    Unmanaged<ExchangeHandle>.fromOpaque(opaque).release()
    slot?.pointee = nil
}
