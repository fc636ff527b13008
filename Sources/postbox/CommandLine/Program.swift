import Settings

/// The root of all commands.
package struct Program: Sendable {
    let root: Command

    /// A program with these commands and, made from their declarations, `completion`.
    package init(
        _ name: String,
        abstract: String,
        discussion: String = "",
        examples: [Command.Example] = [],
        commands: [Command]
    ) {
        func root(completing declared: [Command]) -> Command {
            let completion = completionCommand(
                for: Command(name, abstract: abstract, subcommands: declared)
            )
            return Command(
                name,
                abstract: abstract,
                discussion: discussion,
                examples: examples,
                subcommands: commands + [completion]
            )
        }
        // Twice, so that the script completes `completion` as well.
        self.root = root(completing: root(completing: commands).subcommands)
    }

    /// Does what the words after the program's name ask for.
    package func run(
        _ words: [String],
        output: CommandOutput = .standard
    ) async -> ExitCode {
        do throws(RejectedLine) {
            switch try CommandLineParser.parse(words, root: root) {
            case .help(let path):
                output.print(HelpText(path).text)
                return .ok
            case .run(let action, let words):
                return await perform(action, Invocation(words: words, output: output))
            }
        } catch {
            output.note(complaint(about: error))
            return .usage
        }
    }

    private func perform(_ action: Command.Action, _ invocation: Invocation) async -> ExitCode {
        do {
            return try await action(invocation)
        } catch {
            // Each line of a wrong configuration begins with its place, for editors to jump to.
            invocation.note(error is SettingsError ? "\(error)" : "\(root.name): \(error)")
            return ExitCode(for: error)
        }
    }

    private func complaint(about line: RejectedLine) -> String {
        let name = line.path.map(\.name).joined(separator: " ")
        let usage = HelpText(line.path).usage
        return """
            \(name): \(line.reason)
            Usage: \(usage)
            '\(name) --help' says more.
            """
    }
}
