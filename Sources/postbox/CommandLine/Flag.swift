/// An option without a value: `--name`.
package struct Flag: CommandParameter {
    package let spec: ParameterSpec

    package init(_ name: String, short: Character? = nil, help: String) {
        spec = ParameterSpec(
            kind: .flag,
            name: name,
            short: short,
            valueName: "",
            help: help,
            defaultText: nil,
            arity: .optional,
            choices: []
        )
    }

    package func problem(with words: [String]) -> CommandLineError? { nil }
}
