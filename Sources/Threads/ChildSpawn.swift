import CLinux
import Glibc

/// The one call of `posix_spawn`, with the descriptors and attributes that our children get.
struct ChildSpawn {
    let options: ChildProcessOptions
    let output: ChildOutput?
    let errors: ChildOutput?

    func run(_ command: [String]) -> Result<Int32, ChildProcessError> {
        Result { () throws(ChildProcessError) in try spawn(command) }
    }

    private func spawn(_ command: [String]) throws(ChildProcessError) -> Int32 {
        let sinks = [
            try sink(for: options.output, collector: output),
            try sink(for: options.errors, collector: errors),
        ]
        defer { for case let sink? in sinks { close(sink) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        for (target, sink) in zip([STDOUT_FILENO, STDERR_FILENO], sinks) {
            if let sink { posix_spawn_file_actions_adddup2(&actions, sink, target) }
        }
        // Libraries open sockets that a child would inherit: closed by us, they would stay open.
        _ = linux_spawn_without_descriptors(&actions, STDERR_FILENO + 1)
        return try spawn(command, &actions)
    }

    private func spawn(
        _ command: [String],
        _ actions: inout posix_spawn_file_actions_t
    ) throws(ChildProcessError) -> Int32 {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var everySignal = sigset_t()
        sigfillset(&everySignal)
        var noSignal = sigset_t()
        sigemptyset(&noSignal)
        // What we ignore or block ourselves must not reach a program that knows nothing of it.
        posix_spawnattr_setsigdefault(&attributes, &everySignal)
        posix_spawnattr_setsigmask(&attributes, &noSignal)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var pid: Int32 = 0
        let code = withCStrings(command) { arguments in
            withCStrings(options.environmentLines()) { environment in
                posix_spawn(&pid, command[0], &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else { throw .cannotStart(command[0], errno: code) }
        return pid
    }

    /// The descriptor that becomes the child's stream; `nil` leaves it our own.
    private func sink(
        for stream: ChildProcessOptions.Stream,
        collector: ChildOutput?
    ) throws(ChildProcessError) -> Int32? {
        switch stream {
        case .inherited: return nil
        case .discarded: return try opened("/dev/null")
        case .file(let path): return try opened(path)
        case .collected:
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw .cannotOpen("a pipe", errno: errno) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            collector?.collect(from: ends[0])
            return ends[1]
        }
    }

    private func opened(_ path: String) throws(ChildProcessError) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .cannotOpen(path, errno: errno) }
        return descriptor
    }
}

/// Lends a NULL-terminated array of C strings.
private func withCStrings<Result>(
    _ strings: [String],
    _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    // Safety: duplicated here, freed here, lent only to `body`.
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
