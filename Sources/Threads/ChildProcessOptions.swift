import Glibc

/// How a child process is started.
package struct ChildProcessOptions: Sendable {
    /// Where one of the child's output streams goes.
    package enum Stream: Sendable, Equatable {
        case inherited
        case discarded
        case collected
        /// Appended to a file, which is made where there is none.
        case file(String)
    }

    /// The whole environment; `nil` hands on our own.
    package var environment: [String: String]?
    /// Added to the environment, whichever it is.
    package var added: [String: String] = [:]
    package var workingFolder: String?
    /// Runs as this user and its group of the same name; only root can ask for it.
    package var user: String?
    package var output = Stream.inherited
    package var errors = Stream.inherited
    /// The signal it gets when this process dies, as in `KILL`; `nil` lets it live on.
    package var signalOnParentDeath: String? = "KILL"

    package init() {}

    /// Everything collected: the usual wish of tests.
    package static var collecting: ChildProcessOptions {
        var options = ChildProcessOptions()
        options.output = .collected
        options.errors = .collected
        return options
    }

    /// The program and its arguments, behind `setpriv` and `env` where the wishes need them.
    ///
    /// `posix_spawn` can set neither the user nor the signal on the parent's death; util-linux's
    /// `setpriv` does both and then becomes the program, so that the process id stays the same.
    func command(for arguments: [String]) throws(ChildProcessError) -> [String] {
        guard let name = arguments.first, let path = findProgram(name) else {
            throw .notFound(arguments.first ?? "")
        }
        return try folderPrefix() + identityPrefix() + [path] + arguments.dropFirst()
    }

    private func folderPrefix() throws(ChildProcessError) -> [String] {
        guard let workingFolder else { return [] }
        guard let env = findProgram("env") else { throw .notFound("env") }
        return [env, "-C", workingFolder, "--"]
    }

    private func identityPrefix() throws(ChildProcessError) -> [String] {
        guard user != nil || signalOnParentDeath != nil else { return [] }
        guard let setpriv = findProgram("setpriv") else {
            guard user == nil else { throw .notFound("setpriv") }
            return []
        }
        let identity = user.map { ["--reuid=\($0)", "--regid=\($0)", "--init-groups"] } ?? []
        let death = signalOnParentDeath.map { ["--pdeathsig", $0] } ?? []
        return [setpriv] + identity + death + ["--"]
    }

    /// The environment as `NAME=value` lines.
    func environmentLines() -> [String] {
        var values = environment ?? ownEnvironment()
        values.merge(added) { _, new in new }
        return values.map { "\($0.key)=\($0.value)" }
    }
}

/// The full path of a program, as a shell would find it.
package func findProgram(_ name: String) -> String? {
    guard !name.contains("/") else { return access(name, X_OK) == 0 ? name : nil }
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
    // The system folders last: an ordinary user's PATH lacks them, and setpriv may be there.
    return (path.split(separator: ":").map(String.init) + ["/usr/bin", "/usr/sbin", "/sbin"])
        .map { "\($0)/\(name)" }
        .first { access($0, X_OK) == 0 }
}

private func ownEnvironment() -> [String: String] {
    var values: [String: String] = [:]
    var entry = environ
    while let line = entry.pointee {
        let parts = String(cString: line).split(separator: "=", maxSplits: 1)
        if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        entry += 1
    }
    return values
}
