import FoundationEssentials
import Glibc
import Synchronization

/// Standard error as a log needs it: whole lines, and never a wait for whoever reads them.
final class StandardErrorStream: Sendable {
    /// Whether systemd's journal reads this stream.
    let isJournal: Bool

    private let descriptor: Int32
    /// How many lines were dropped since the last one that was written.
    private let droppedCount = Mutex(0)

    init(
        descriptor: Int32 = 2,
        journalStream: String? = ProcessInfo.processInfo.environment["JOURNAL_STREAM"]
    ) {
        self.descriptor = descriptor
        isJournal = journalStream != nil && journalStream == Self.identity(of: descriptor)
        // A reader that went away makes a write fail instead of ending the process.
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// Writes the line and its end, or drops it when the reader is behind.
    func write(_ line: String) {
        droppedCount.withLock { dropped in
            guard isReady else {
                dropped += 1
                return
            }
            let notice =
                dropped > 0 ? "level=warning msg=\"log lines dropped\" count=\(dropped)\n" : ""
            dropped = 0
            send(notice + line + "\n")
        }
    }

    /// A pipe that is ready has room for 4,096 bytes, and our lines are not longer.
    private var isReady: Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let count = unsafe poll(&request, 1, 0)
        return count == 1 && request.revents & Int16(POLLOUT) != 0
    }

    private func send(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // Safety: the buffer holds what is counted, and outlives the call.
            let sent = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            }
            if sent < 0 && errno == EINTR { continue }
            // A closed or broken stream is nobody's fault here, and there is no one to tell.
            guard sent > 0 else { return }
            rest = rest.dropFirst(sent)
        }
    }

    /// The stream's device and inode, as systemd writes them in JOURNAL_STREAM.
    private static func identity(of descriptor: Int32) -> String? {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return nil }
        return "\(status.st_dev):\(status.st_ino)"
    }
}
