import CLinux
import Glibc
import Synchronization

/// A signal that asked this process to end or to reload.
package struct TerminationSignal: Sendable, Equatable {
    package enum Kind: Sendable {
        /// SIGTERM.
        case terminate
        /// SIGINT, which is Ctrl-C.
        case interrupt
        /// SIGHUP.
        case hangUp
    }

    package let kind: Kind

    /// An earlier signal asked for the end already: whoever sends another will not wait longer.
    package let isRepeated: Bool
}

/// Receives SIGTERM, SIGINT and SIGHUP in place of their deadly defaults, for the rest of the run.
///
/// Handlers and a pipe do it, not blocked signals: a mask would be inherited by child processes.
package enum TerminationSignals {
    private static let isTaken = Mutex(false)

    /// Starts to receive; `receive` is called on a thread of its own, one signal after the other.
    package static func receive(_ receive: @escaping @Sendable (TerminationSignal) -> Void) {
        let wasTaken = isTaken.withLock { taken in
            defer { taken = true }
            return taken
        }
        precondition(!wasTaken, "termination signals have one receiver")
        let descriptor = linux_signals_to_pipe()
        precondition(descriptor >= 0, "no file descriptor is left for signals")
        startThread(named: "signals") { readSignals(from: descriptor, receive) }
    }

    /// The signals as a sequence that never ends.
    package static func stream() -> AsyncStream<TerminationSignal> {
        let (stream, continuation) = AsyncStream.makeStream(of: TerminationSignal.self)
        receive { continuation.yield($0) }
        return stream
    }
}

/// Lets a write to a closed pipe or socket fail with an error, not kill the process.
package func ignoreBrokenPipes() {
    linux_ignore_broken_pipes()
}

private func readSignals(
    from descriptor: Int32,
    _ receive: @Sendable (TerminationSignal) -> Void
) {
    var endWasAsked = false
    while let kind = nextSignal(from: descriptor) {
        let isRepeated = kind != .hangUp && endWasAsked
        endWasAsked = endWasAsked || kind != .hangUp
        receive(TerminationSignal(kind: kind, isRepeated: isRepeated))
    }
}

private func nextSignal(from descriptor: Int32) -> TerminationSignal.Kind? {
    var number: UInt8 = 0
    var count = 0
    repeat {
        // Safety: one byte of our own.
        count = read(descriptor, &number, 1)
    } while count < 0 && errno == EINTR
    guard count == 1 else { return nil }
    switch Int32(number) {
    case SIGINT: return .interrupt
    case SIGHUP: return .hangUp
    default: return .terminate
    }
}
