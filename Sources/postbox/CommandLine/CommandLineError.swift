/// What is wrong with a command line.
package enum CommandLineError: Error, Equatable, Sendable {
    case missingCommand
    case unknownCommand(String, nearest: String?)
    case unknownOption(String, nearest: String?)
    case missingValue(String, valueName: String)
    case unexpectedValue(String)
    case repeatedOption(String)
    case badValue(String, got: String, expectation: String)
    case missingArgument(String)
    case unexpectedArgument(String)
}

extension CommandLineError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missingCommand: "a command is missing"
        case .unknownCommand(let name, let nearest):
            "there is no command '\(name)'" + Self.hint(nearest)
        case .unknownOption(let name, let nearest):
            "there is no option '\(name)'" + Self.hint(nearest)
        case .missingValue(let option, let valueName): "\(option) needs a value: \(valueName)"
        case .unexpectedValue(let flag): "\(flag) takes no value"
        case .repeatedOption(let option): "\(option) is given twice"
        case .badValue(let name, let got, let expectation):
            "\(name) must be \(expectation), got '\(got)'"
        case .missingArgument(let name): "\(name) is missing"
        case .unexpectedArgument(let word): "'\(word)' is one word too many"
        }
    }

    private static func hint(_ nearest: String?) -> String {
        nearest.map { "; did you mean '\($0)'?" } ?? ""
    }
}
