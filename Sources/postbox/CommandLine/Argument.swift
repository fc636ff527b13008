/// A word that is known by its place.
///
/// `Argument<String>` is required, `Argument<String?>` may be left out, `Argument<[String]>` takes
/// all the words that are left.
package struct Argument<Value: Sendable>: CommandParameter {
    package let spec: ParameterSpec
    private let reading: ValueReading<Value>

    /// Reads the value from the words that were given.
    func value(from words: [String]) -> Value { reading.value(from: words, of: spec) }

    package func problem(with words: [String]) -> CommandLineError? {
        reading.problem(with: words, of: spec)
    }

    private static func spec(
        _ name: String,
        help: String,
        arity: ParameterSpec.Arity,
        choices: [String]
    ) -> ParameterSpec {
        ParameterSpec(
            kind: .argument,
            name: name,
            short: nil,
            valueName: name,
            help: help,
            defaultText: nil,
            arity: arity,
            choices: choices
        )
    }
}

extension Argument where Value: CommandValue {
    package init(_ name: String, help: String) {
        spec = Self.spec(name, help: help, arity: .required, choices: Value.choices)
        reading = .required()
    }
}

extension Argument {
    package init<Wrapped: CommandValue>(_ name: String, help: String) where Value == Wrapped? {
        spec = Self.spec(name, help: help, arity: .optional, choices: Wrapped.choices)
        reading = .optional()
    }

    package init<Element: CommandValue>(_ name: String, help: String) where Value == [Element] {
        spec = Self.spec(name, help: help, arity: .repeated, choices: Element.choices)
        reading = .repeated()
    }
}
