/// Why a secret could not be read.
///
/// Says where it was looked for, never what was found.
package enum SecretError: Error, Sendable, Hashable, CustomStringConvertible {
    case noFile(String)
    case notAFile(String)
    case unreadable(String)
    case openToOthers(String)
    case noVariable(String)
    case noCredentials(String)
    case tooLarge(String)
    case notText(String)
    case empty(String)

    package var description: String {
        switch self {
        case .noFile(let path): "file \(path): there is no such file, or no way to it"
        case .notAFile(let path): "file \(path): is not a regular file"
        case .unreadable(let path): "file \(path): cannot be read by this user"
        case .openToOthers(let path):
            "file \(path): group or others may read or write it; chmod 600 it"
        case .noVariable(let name): "environment variable \(name): is not set"
        case .noCredentials(let name):
            "credential \(name): $CREDENTIALS_DIRECTORY is not set; systemd sets it for a unit "
                + "with LoadCredential="
        case .tooLarge(let place): "\(place): must not hold more than 4KiB"
        case .notText(let place): "\(place): is not UTF-8 text"
        case .empty(let place): "\(place): is empty"
        }
    }
}
