import Glibc

/// A socket that listens; closed when it goes away, unless it was given to somebody.
struct ListenSocketHandle: ~Copyable {
    private let descriptor: Int32

    private static let backlog: Int32 = 64
    private static let unixMode: mode_t = 0o660

    /// Binds and listens on the endpoint.
    init(_ endpoint: HTTPEndpoint) throws(HTTPError) {
        do throws(Failure) {
            descriptor =
                switch endpoint {
                case .unix(let path): try Self.listening(atUnixPath: path)
                case .tcp(let host, let port): try Self.listening(host: host, port: port)
                }
        } catch {
            throw error.onEndpoint(endpoint)
        }
    }

    deinit { close(descriptor) }

    /// The descriptor, which the caller closes from now on.
    consuming func surrender() -> Int32 {
        let descriptor = descriptor
        discard self
        return descriptor
    }

    /// Where the socket ended up.
    var boundAddress: BoundAddress { BoundAddress(of: descriptor) }

    private enum Failure: Error {
        case inUse
        case failed(String)

        func onEndpoint(_ endpoint: HTTPEndpoint) -> HTTPError {
            switch self {
            case .inUse: .endpointInUse(endpoint)
            case .failed(let reason): .cannotListen(endpoint, reason: reason)
            }
        }
    }

    private static func lastFailure() -> Failure {
        errno == EADDRINUSE ? .inUse : .failed(String(cString: strerror(errno)))
    }

    private static func made(_ family: Int32) throws(Failure) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let made = socket(family, kind, 0)
        guard made >= 0 else { throw lastFailure() }
        return made
    }
}

extension ListenSocketHandle {
    /// A socket's file is never open to others for a moment: the mode is given to the socket
    /// before it is bound, where the process's umask can only narrow it.
    private static func listening(atUnixPath path: String) throws(Failure) -> Int32 {
        let folder = try lockedFolder(of: path)
        defer { close(folder) }
        guard UnixSocketFile.removeStale(at: path) else { throw .inUse }
        let made = try made(AF_UNIX)
        fchmod(made, unixMode)
        guard let bound = withUnixAddress(path, { bind(made, $0, $1) }) else {
            close(made)
            throw .failed("the path of a Unix socket holds 1 to 107 bytes")
        }
        guard bound == 0, chmod(path, unixMode) == 0, listen(made, backlog) == 0 else {
            defer { close(made) }
            throw lastFailure()
        }
        return made
    }

    /// Keeps two processes from taking over the same stale file at once; closing it unlocks.
    private static func lockedFolder(of path: String) throws(Failure) -> Int32 {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw lastFailure() }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                defer { close(descriptor) }
                throw lastFailure()
            }
        }
        return descriptor
    }

    private static func listening(host: String, port: UInt16) throws(Failure) -> Int32 {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &found)
        guard code == 0, let address = found else {
            throw .failed(String(cString: gai_strerror(code)))
        }
        defer { freeaddrinfo(address) }
        let made = try made(address.pointee.ai_family)
        var yes: Int32 = 1
        setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(made, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0,
            listen(made, backlog) == 0
        else {
            defer { close(made) }
            throw lastFailure()
        }
        return made
    }
}
