import Glibc

/// Where a command writes: results to one place, everything else to another.
package struct CommandOutput: Sendable {
    let print: @Sendable (String) -> Void
    let note: @Sendable (String) -> Void

    package init(
        print: @escaping @Sendable (String) -> Void,
        note: @escaping @Sendable (String) -> Void
    ) {
        self.print = print
        self.note = note
    }

    /// Standard output and standard error.
    package static let standard = CommandOutput(
        print: { write($0, to: STDOUT_FILENO) },
        note: { write($0, to: STDERR_FILENO) }
    )

    private static func write(_ line: String, to descriptor: Int32) {
        var rest = Array((line + "\n").utf8)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if sent < 0 && errno == EINTR { continue }
            guard sent > 0 else { return }
            rest = rest.dropFirst(sent)
        }
    }
}
