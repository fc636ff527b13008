/// A type that a word of the command line can be read as.
///
/// An enum of strings that is `CaseIterable` needs no code of its own.
package protocol CommandValue: Sendable {
    init?(argument: String)

    /// What the word must be, as in "must be a whole number".
    static var expectation: String { get }

    /// All that the word may be, where that is a short list.
    static var choices: [String] { get }
}

extension CommandValue {
    package static var choices: [String] { [] }
}

extension CommandValue where Self: RawRepresentable & CaseIterable, RawValue == String {
    package init?(argument: String) { self.init(rawValue: argument) }

    package static var choices: [String] { allCases.map(\.rawValue) }

    package static var expectation: String { "one of " + choices.joined(separator: ", ") }
}

extension String: CommandValue {
    package init?(argument: String) { self = argument }

    package static var expectation: String { "text" }
}

extension Int: CommandValue {
    package init?(argument: String) { self.init(argument) }

    package static var expectation: String { "a whole number" }
}

extension Double: CommandValue {
    package init?(argument: String) { self.init(argument) }

    package static var expectation: String { "a number" }
}
