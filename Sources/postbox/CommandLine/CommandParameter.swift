/// Something that a command accepts: an option, a flag or a positional argument.
package protocol CommandParameter: Sendable {
    /// What parsing, help and completion need to know.
    var spec: ParameterSpec { get }

    /// What is wrong with the words that were given for it, or nil.
    func problem(with words: [String]) -> CommandLineError?
}

/// The declaration of a parameter, without its type.
package struct ParameterSpec: Sendable {
    enum Kind: Sendable {
        /// `--name VALUE`
        case option
        /// `--name`
        case flag
        /// A word by its place.
        case argument
    }

    enum Arity: Sendable {
        case required, optional, repeated
    }

    let kind: Kind
    let name: String
    let short: Character?
    let valueName: String
    let help: String
    /// The default as help shows it.
    let defaultText: String?
    let arity: Arity
    let choices: [String]

    /// The name as it is written on the command line.
    var spelling: String { kind == .argument ? valueName : "--\(name)" }
}
