import FoundationEssentials

/// Where a secret is kept.
///
/// The configuration holds no secret itself, and neither does this value.
package enum SecretReference: Sendable, Hashable, CustomStringConvertible {
    case file(String)
    case env(String)
    /// A credential that systemd hands over in `$CREDENTIALS_DIRECTORY`.
    case credential(String)

    /// The most that a secret may hold.
    package static let maximumBytes = 4096

    /// The secret as it is now, without the newline that editors put behind it.
    ///
    /// Read again for each connection, it may change without a restart.
    package func read() throws(SecretError) -> String {
        try read(environment: ProcessInfo.processInfo.environment)
    }

    func read(environment: [String: String]) throws(SecretError) -> String {
        let credentials = environment["CREDENTIALS_DIRECTORY"]
        switch self {
        case .file(let path):
            return try SecretFile(path, credentials: credentials).read()
        case .env(let name):
            guard let value = environment[name] else { throw .noVariable(name) }
            return try SecretFile.checked(Array(value.utf8), of: description)
        case .credential(let name):
            guard let credentials else { throw .noCredentials(name) }
            return try SecretFile("\(credentials)/\(name)", credentials: credentials).read()
        }
    }

    /// Where the secret is, never what it is.
    package var description: String {
        switch self {
        case .file(let path): "file \(path)"
        case .env(let name): "environment variable \(name)"
        case .credential(let name): "credential \(name)"
        }
    }
}
