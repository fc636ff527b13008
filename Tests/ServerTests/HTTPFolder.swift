import FoundationEssentials
import HTTP

/// A folder of one test's own for sockets, gone with the test.
final class HTTPFolder {
    let path: String

    init() throws {
        path = "/tmp/postbox-http-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // Only cleanup: nothing depends on it.
        try? FileManager.default.removeItem(atPath: path)
    }

    var socketPath: String { "\(path)/control.sock" }
    var endpoint: HTTPEndpoint { .unix(socketPath) }
    var hasSocketFile: Bool { FileManager.default.fileExists(atPath: socketPath) }
}
