/// Sorts the words that follow a command's name by the parameters they belong to.
struct ParameterWords {
    private(set) var words: [String: [String]] = [:]
    private let command: Command
    private var positional: [String] = []

    init(_ command: Command) { self.command = command }

    mutating func take(_ line: ArraySlice<String>) throws(CommandLineError) {
        var rest = line
        while let word = rest.popFirst() {
            if word == "--" {
                positional += rest
                break
            }
            if word.hasPrefix("-") && word != "-" {
                try takeOption(word, &rest)
            } else {
                positional.append(word)
            }
        }
        try placeArguments()
        try checkValues()
    }

    private mutating func takeOption(
        _ word: String,
        _ rest: inout ArraySlice<String>
    ) throws(CommandLineError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let isLong = word.hasPrefix("--")
        let name = isLong ? String(parts[0]) : word
        let attached = isLong && parts.count == 2 ? String(parts[1]) : nil
        let option = try option(spelled: name)
        if option.kind == .flag {
            guard attached == nil else { throw .unexpectedValue(option.spelling) }
            words[option.name] = []
        } else if let attached {
            try add(attached, to: option)
        } else {
            try add(followingValue(of: option, &rest), to: option)
        }
    }

    private func option(spelled name: String) throws(CommandLineError) -> ParameterSpec {
        let found = command.options.first { option in
            name == option.spelling || option.short.map { name == "-\($0)" } ?? false
        }
        guard let found else {
            let spellings = command.options.map(\.spelling) + ["--help"]
            throw .unknownOption(name, nearest: NearestName.nearest(to: name, in: spellings))
        }
        return found
    }

    /// A word with a dash is more likely an option whose neighbour lacks its value; `--name=-1`
    /// gives such a value.
    private func followingValue(
        of option: ParameterSpec,
        _ rest: inout ArraySlice<String>
    ) throws(CommandLineError) -> String {
        guard let word = rest.first, !word.hasPrefix("-") || word == "-" else {
            throw .missingValue(option.spelling, valueName: option.valueName)
        }
        rest.removeFirst()
        return word
    }

    private mutating func add(
        _ word: String,
        to option: ParameterSpec
    ) throws(CommandLineError) {
        guard words[option.name] == nil || option.arity == .repeated else {
            throw .repeatedOption(option.spelling)
        }
        words[option.name, default: []].append(word)
    }

    private mutating func placeArguments() throws(CommandLineError) {
        var rest = positional[...]
        for argument in command.arguments {
            switch argument.arity {
            case .repeated:
                words[argument.name] = Array(rest)
                rest = []
            case .required where rest.isEmpty:
                throw .missingArgument(argument.valueName)
            case .required, .optional:
                words[argument.name] = Array(rest.prefix(1))
                rest = rest.dropFirst()
            }
        }
        if let extra = rest.first { throw .unexpectedArgument(extra) }
    }

    private func checkValues() throws(CommandLineError) {
        for parameter in command.parameters {
            let given = words[parameter.spec.name, default: []]
            if let problem = parameter.problem(with: given) { throw problem }
        }
    }
}
