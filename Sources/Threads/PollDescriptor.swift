import CLinux
import Glibc

/// One file descriptor to wait for: what is wanted, and after the wait what it is ready for.
package struct PollDescriptor: Sendable {
    package struct Events: OptionSet, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        package static let readable = Events(rawValue: 1)
        package static let writable = Events(rawValue: 2)
    }

    package var descriptor: Int32
    package var wanted: Events

    /// What it is ready for, set by `waitForReadiness`.
    ///
    /// A closed or broken descriptor is ready for all that was wanted: the read or write that
    /// follows finds out what happened.
    package fileprivate(set) var ready: Events = []

    package init(_ descriptor: Int32, _ wanted: Events) {
        self.descriptor = descriptor
        self.wanted = wanted
    }

    package var isReady: Bool { !ready.isEmpty }
}

/// Waits until a descriptor is ready or the time is over, and returns how many are ready.
///
/// No timeout waits for ever. A negative descriptor is passed over. Signals do not cut it short.
@discardableResult
package func waitForReadiness(_ watched: inout [PollDescriptor], timeout: Duration?) -> Int {
    let deadline = timeout.map { MonotonicTime.now + $0 }
    return withUnsafeTemporaryAllocation(of: pollfd.self, capacity: watched.count) { slots in
        for (index, entry) in watched.enumerated() {
            slots.initializeElement(at: index, to: entry.slot)
        }
        let count = poll(slots, until: deadline, first: timeout)
        for index in watched.indices {
            watched[index].ready = watched[index].events(of: slots[index].revents)
        }
        return count
    }
}

private func poll(
    _ slots: UnsafeMutableBufferPointer<pollfd>,
    until deadline: MonotonicTime?,
    first: Duration?
) -> Int {
    var left = first
    while true {
        // Safety: the slots outlive the call, which writes `revents` within them only.
        let count = linux_poll(slots.baseAddress, UInt(slots.count), left?.nanoseconds ?? -1)
        if count >= 0 { return Int(count) }
        precondition(errno == EINTR || errno == EAGAIN, "poll failed with errno \(errno)")
        left = deadline?.remaining
    }
}

extension PollDescriptor {
    fileprivate var slot: pollfd {
        var events: Int16 = 0
        if wanted.contains(.readable) { events |= Int16(POLLIN) }
        if wanted.contains(.writable) { events |= Int16(POLLOUT) }
        return pollfd(fd: descriptor, events: events, revents: 0)
    }

    fileprivate func events(of returned: Int16) -> Events {
        let broken = returned & Int16(POLLERR | POLLHUP | POLLNVAL) != 0
        var ready: Events = broken ? wanted : []
        if returned & Int16(POLLIN) != 0 { ready.insert(.readable) }
        if returned & Int16(POLLOUT) != 0 { ready.insert(.writable) }
        return ready
    }
}
