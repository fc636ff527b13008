import Threads

/// Why a private PostgreSQL could not be had.
package enum PostgresPrivateServerError: Error, Sendable, CustomStringConvertible {
    case notInstalled
    case noUser
    case cannotPrepare(reason: String)
    /// The server ended or said nothing in time; with the last of what it said.
    case cannotStart(log: String)

    package var description: String {
        switch self {
        case .notInstalled:
            "PostgreSQL is not installed here: apt-get install postgresql"
        case .noUser:
            "PostgreSQL does not run as root and there is no user \"postgres\": "
                + "apt-get install postgresql, or use another user"
        case .cannotPrepare(let reason): "a private PostgreSQL cannot be prepared: \(reason)"
        case .cannotStart(let log): "a private PostgreSQL does not start: \(log)"
        }
    }
}
