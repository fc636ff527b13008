import Glibc

/// What a person said to a question.
package enum Consent: Sendable {
    case given
    case refused
    /// There is no terminal to ask on.
    case notAsked

    /// Asks on the terminal; anything but a yes is a no.
    package static func askedOnTerminal(_ question: String) -> Consent {
        guard isatty(STDIN_FILENO) != 0, isatty(STDERR_FILENO) != 0 else { return .notAsked }
        CommandOutput.standard.note("\(question) Type yes to go on:")
        let answer = readLine() ?? ""
        return ["y", "yes"].contains(answer.lowercased()) ? .given : .refused
    }
}
