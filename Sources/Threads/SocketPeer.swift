import CLinux

/// Who stands at the other end of a Unix socket, as the kernel knows it.
package struct SocketPeer: Sendable, Equatable {
    package let processID: Int32
    package let userID: UInt32
    package let groupID: UInt32

    /// Nil for a socket that has no peer of this machine.
    package init?(ofSocket descriptor: Int32) {
        var (pid, uid, gid): (Int32, UInt32, UInt32) = (0, 0, 0)
        // Safety: the call writes these three values only.
        guard linux_peer_of_socket(descriptor, &pid, &uid, &gid) else { return nil }
        processID = pid
        userID = uid
        groupID = gid
    }
}
