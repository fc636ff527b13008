import Control
import HTTP
import Settings

/// What the process tells its caller when it ends.
package enum ExitCode: Int32, CaseIterable, Sendable {
    case ok = 0
    case failed = 1
    case notReachable = 2
    case usage = 64
    case configuration = 78

    /// What the root's help says about the code.
    var meaning: String {
        switch self {
        case .ok: "All went well."
        case .failed: "Something failed, or problems were found."
        case .notReachable: "The daemon cannot be reached."
        case .usage: "The command line is wrong."
        case .configuration: "The configuration is wrong."
        }
    }

    /// The code for an error that a command lets through.
    init(for error: any Error) {
        switch error {
        case let error as HTTPError where error.isNotReachable: self = .notReachable
        case ControlError.notReachable: self = .notReachable
        case is SettingsError: self = .configuration
        default: self = .failed
        }
    }
}
