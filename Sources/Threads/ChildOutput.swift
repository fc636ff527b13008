import Glibc

/// What a child process has written to one of its streams, collected as it comes.
///
/// A thread of its own empties the pipe, so that a talkative child never waits for a reader. Of a
/// long output the last 8 MiB or more are kept.
package final class ChildOutput: Sendable {
    private struct Content: Sendable {
        var bytes: [UInt8] = []
        var isComplete = false

        mutating func append(_ more: ArraySlice<UInt8>) {
            bytes.append(contentsOf: more)
            if bytes.count > 16 << 20 { bytes.removeFirst(8 << 20) }
        }
    }

    private let content = Monitor(Content())

    /// Everything written so far; bytes that are no UTF-8 are replaced.
    package var text: String {
        String(decoding: content.withLock { $0.bytes }, as: UTF8.self)
    }

    /// Blocks until the stream has been closed by everybody who writes to it.
    package func waitForEnd(timeout: Duration) -> Bool {
        content.wait(timeout: timeout) { $0.isComplete ? true : nil } ?? false
    }

    /// Blocks until the child has written `fragment`, has closed its stream, or time is over.
    package func wait(for fragment: String, timeout: Duration) -> Bool {
        let found = content.wait(timeout: timeout) { content -> Bool? in
            if String(decoding: content.bytes, as: UTF8.self).contains(fragment) { return true }
            return content.isComplete ? false : nil
        }
        return found ?? false
    }

    /// Starts to collect from the reading end of a pipe, which is closed at the end.
    func collect(from descriptor: Int32) {
        startThread(named: "child-output") { [content] in
            var buffer = [UInt8](repeating: 0, count: 16_384)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count > 0 {
                    content.withLock { $0.append(buffer[..<count]) }
                } else if count == 0 || errno != EINTR {
                    break
                }
            }
            close(descriptor)
            content.withLock { $0.isComplete = true }
        }
    }
}
