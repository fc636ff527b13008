/// One use of a command: the values that were given, and where its results go.
package struct Invocation: Sendable {
    let words: [String: [String]]
    let output: CommandOutput

    package subscript<Value>(option: Option<Value>) -> Value {
        option.value(from: words[option.spec.name, default: []])
    }

    package subscript<Value>(argument: Argument<Value>) -> Value {
        argument.value(from: words[argument.spec.name, default: []])
    }

    package subscript(flag: Flag) -> Bool { words[flag.spec.name] != nil }

    /// Writes a line of the result.
    package func print(_ line: String) { output.print(line) }

    /// Writes a line that is not the result: progress, a warning, what went wrong.
    package func note(_ line: String) { output.note(line) }
}
