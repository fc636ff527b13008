package import HTTP
package import Settings

/// Why the daemon did not start, beside its configuration.
package enum DaemonError: Error, Sendable {
    /// The control socket, or the address for health checks, cannot be had.
    case noControl(key: String, at: SettingsLocation?, HTTPError)
}

extension DaemonError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noControl(let key, let place?, let error): "\(place): \(key): \(error)"
        case .noControl(let key, nil, let error): "\(key): \(error)"
        }
    }
}
