import Glibc

/// Why a program could not be started or did not end well.
package enum ChildProcessError: Error, Sendable, CustomStringConvertible {
    case notFound(String)
    case cannotStart(String, errno: Int32)
    case cannotOpen(String, errno: Int32)
    case tookTooLong(String)
    case failed(String, ExitStatus, said: String)

    package var description: String {
        switch self {
        case .notFound(let name): "\(name): no such program in PATH"
        case .cannotStart(let name, let code): "cannot start \(name): \(text(of: code))"
        case .cannotOpen(let path, let code): "cannot open \(path): \(text(of: code))"
        case .tookTooLong(let name): "\(name) took too long and was ended"
        case .failed(let name, let status, let said): "\(name): \(status): \(said)"
        }
    }
}

private func text(of code: Int32) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
}
