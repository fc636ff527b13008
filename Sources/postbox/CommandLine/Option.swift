/// An option with a value: `--name VALUE`, `--name=VALUE`, `-n VALUE`.
///
/// It is declared once as a `let`, accepted by commands, and is the key to its value:
/// `invocation[count]`.
package struct Option<Value: Sendable>: CommandParameter {
    package let spec: ParameterSpec
    private let reading: ValueReading<Value>

    /// Reads the value from the words that were given.
    func value(from words: [String]) -> Value { reading.value(from: words, of: spec) }

    package func problem(with words: [String]) -> CommandLineError? {
        reading.problem(with: words, of: spec)
    }
}

extension Option where Value: CommandValue {
    /// An option that has a default.
    package init(
        _ name: String,
        short: Character? = nil,
        value valueName: String,
        default fallback: Value,
        help: String
    ) {
        spec = ParameterSpec(
            kind: .option,
            name: name,
            short: short,
            valueName: valueName,
            help: help,
            defaultText: "\(fallback)",
            arity: .optional,
            choices: Value.choices
        )
        reading = .single(default: fallback)
    }
}

extension Option {
    /// An option that may be left out, and is nil then.
    package init<Wrapped: CommandValue>(
        _ name: String,
        short: Character? = nil,
        value valueName: String,
        help: String
    ) where Value == Wrapped? {
        spec = ParameterSpec(
            kind: .option,
            name: name,
            short: short,
            valueName: valueName,
            help: help,
            defaultText: nil,
            arity: .optional,
            choices: Wrapped.choices
        )
        reading = .optional()
    }

    /// An option that may be given any number of times.
    package init<Element: CommandValue>(
        repeated name: String,
        short: Character? = nil,
        value valueName: String,
        help: String
    ) where Value == [Element] {
        spec = ParameterSpec(
            kind: .option,
            name: name,
            short: short,
            valueName: valueName,
            help: help,
            defaultText: nil,
            arity: .repeated,
            choices: Element.choices
        )
        reading = .repeated()
    }
}
