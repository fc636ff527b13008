/// What a command line asks for.
enum ParsedLine {
    case run(Command.Action, words: [String: [String]])
    case help([Command])
}

/// A command line that is wrong, and the commands that it had named by then.
struct RejectedLine: Error {
    let path: [Command]
    let reason: CommandLineError
}

/// Turns words into a command and its values.
struct CommandLineParser {
    /// The commands named so far, from the root on.
    private var path: [Command]

    static func parse(_ words: [String], root: Command) throws(RejectedLine) -> ParsedLine {
        var parser = CommandLineParser(path: [root])
        do throws(CommandLineError) {
            return try parser.parse(words[...])
        } catch {
            throw RejectedLine(path: parser.path, reason: error)
        }
    }

    private var command: Command { path[path.count - 1] }

    private mutating func parse(
        _ words: ArraySlice<String>
    ) throws(CommandLineError) -> ParsedLine {
        switch command.body {
        case .group: try parseGroup(words)
        case .action(let action): try parseAction(action, words)
        }
    }

    private mutating func parseGroup(
        _ words: ArraySlice<String>
    ) throws(CommandLineError) -> ParsedLine {
        guard let word = words.first else { throw .missingCommand }
        let rest = words.dropFirst()
        switch word {
        case "--help", "-h": return .help(path)
        case "help": return try parseHelp(rest)
        default: break
        }
        try enter(isRoot && word == "--version" ? "version" : word)
        return try parse(rest)
    }

    private mutating func parseHelp(
        _ names: ArraySlice<String>
    ) throws(CommandLineError) -> ParsedLine {
        for name in names where name != "--help" && name != "-h" { try enter(name) }
        return .help(path)
    }

    private var isRoot: Bool { path.count == 1 }

    private mutating func enter(_ name: String) throws(CommandLineError) {
        guard let next = command.subcommands.first(where: { $0.name == name }) else {
            let names = command.subcommands.map(\.name) + ["help"]
            guard !name.hasPrefix("-") else { throw .unknownOption(name, nearest: nil) }
            throw .unknownCommand(name, nearest: NearestName.nearest(to: name, in: names))
        }
        path.append(next)
    }

    private func parseAction(
        _ action: @escaping Command.Action,
        _ words: ArraySlice<String>
    ) throws(CommandLineError) -> ParsedLine {
        if words.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
            return .help(path)
        }
        var values = ParameterWords(command)
        try values.take(words)
        return .run(action, words: values.words)
    }
}
