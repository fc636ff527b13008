import CLinux
import Glibc

/// Wakes a thread that waits in `waitForReadiness`, from any other thread.
///
/// It stays raised until `clear()`, so a signal given before the wait is not lost.
package final class WakeSignal: Sendable {
    /// Readable while the signal is raised.
    package let descriptor: Int32

    package init() {
        descriptor = linux_event_descriptor()
        precondition(descriptor >= 0, "no file descriptor is left for a wake signal")
    }

    deinit {
        close(descriptor)
    }

    package func signal() {
        var one: UInt64 = 1
        // Safety: eight bytes of our own; a full counter is a raised signal just the same.
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    package func clear() {
        var count: UInt64 = 0
        // Safety: eight bytes of our own; with nothing raised the read fails and changes nothing.
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }

    package var isRaised: Bool {
        var watched = [PollDescriptor(descriptor, .readable)]
        return waitForReadiness(&watched, timeout: .zero) > 0
    }
}
