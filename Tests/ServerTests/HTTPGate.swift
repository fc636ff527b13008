import Glibc
import Testing

/// Holds a handler until the test lets it go.
final class HTTPGate: Sendable {
    private let reading: Int32
    private let writing: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        (reading, writing) = (ends[0], ends[1])
    }

    deinit { for end in [reading, writing] { close(end) } }

    func wait() {
        var byte: UInt8 = 0
        _ = read(reading, &byte, 1)
    }

    func open() {
        var byte: UInt8 = 1
        _ = write(writing, &byte, 1)
    }
}
