import FoundationEssentials
import Glibc

/// A folder that is removed with everything in it when its owner lets it go.
package final class TemporaryFolder: Sendable {
    package let path: String

    /// Makes `$TMPDIR/<name>-XXXXXX`, readable by its owner alone.
    package init(name: String) throws(ChildProcessError) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/\(name)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw .cannotOpen(parent, errno: errno) }
        path = template.withUnsafeBufferPointer { bytes in
            String(decoding: bytes.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    deinit { remove() }

    /// Gives the folder to another user, for a server that refuses to run as root.
    package func hand(to user: String) throws(ChildProcessError) {
        try ChildProcess.runChecked(["chown", user, path])
    }

    /// Removes it now; a second call finds nothing to do.
    package func remove() {
        // What cannot be removed stays in the temporary folder, which the system cleans.
        try? FileManager.default.removeItem(atPath: path)
    }
}
