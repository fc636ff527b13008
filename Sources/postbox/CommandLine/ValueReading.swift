/// How the words that were given for a parameter become its value.
struct ValueReading<Value: Sendable>: Sendable {
    private let read: @Sendable ([String]) -> Value?
    private let isAccepted: @Sendable (String) -> Bool
    private let expectation: String

    /// Reads the value; parsing has found no problem with the words before.
    func value(from words: [String], of spec: ParameterSpec) -> Value {
        guard let value = read(words) else {
            preconditionFailure("\(spec.spelling) is read by a command that does not accept it")
        }
        return value
    }

    func problem(with words: [String], of spec: ParameterSpec) -> CommandLineError? {
        words.first { !isAccepted($0) }.map {
            .badValue(spec.spelling, got: $0, expectation: expectation)
        }
    }
}

extension ValueReading {
    static func required() -> Self where Value: CommandValue {
        of(Value.self) { words in words.last.flatMap { Value(argument: $0) } }
    }

    static func single(default fallback: Value) -> Self where Value: CommandValue {
        of(Value.self) { words in words.last.map { Value(argument: $0) } ?? fallback }
    }

    static func optional<Wrapped: CommandValue>() -> Self where Value == Wrapped? {
        of(Wrapped.self) { words in .some(words.last.flatMap { Wrapped(argument: $0) }) }
    }

    static func repeated<Element: CommandValue>() -> Self where Value == [Element] {
        of(Element.self) { words in words.compactMap { Element(argument: $0) } }
    }

    private static func of<Word: CommandValue>(
        _ type: Word.Type,
        _ read: @escaping @Sendable ([String]) -> Value?
    ) -> Self {
        Self(
            read: read,
            isAccepted: { Word(argument: $0) != nil },
            expectation: Word.expectation
        )
    }
}
