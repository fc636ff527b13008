/// A shell that completion is written for.
enum CompletionShell: String, CaseIterable, CommandValue {
    case bash, zsh, fish
}

/// The command that writes a shell's completion for all of the root's commands.
func completionCommand(for root: Command) -> Command {
    let shell = Argument<CompletionShell>("SHELL", help: "The shell to complete in.")
    return Command(
        "completion",
        abstract: "Write a script that completes commands and options.",
        examples: [
            .init("source <(\(root.name) completion bash)", "in ~/.bashrc"),
            .init("source <(\(root.name) completion zsh)", "in ~/.zshrc"),
            .init("\(root.name) completion fish | source", "in config.fish"),
        ],
        accepts: [shell]
    ) { invocation in
        let completion = Completion(root: root)
        switch invocation[shell] {
        case .bash: invocation.print(completion.bash)
        case .zsh: invocation.print(completion.zsh)
        case .fish: invocation.print(completion.fish)
        }
        return .ok
    }
}

/// What can follow each command, for the scripts that complete it.
struct Completion {
    /// A command with the names that lead to it, and the words that may follow.
    struct Node {
        let names: [String]
        let command: Command

        var path: String { names.joined(separator: " ") }
    }

    /// One word that may follow, and what it is for.
    struct Word {
        let text: String
        let purpose: String
    }

    let program: String
    let nodes: [Node]

    init(root: Command) {
        program = root.name
        nodes = Self.nodes(below: root, [])
    }

    func words(after node: Node) -> [Word] {
        let subcommands = node.command.subcommands.map { Word(text: $0.name, purpose: $0.abstract) }
        let help = node.names.isEmpty ? [Word(text: "help", purpose: "Show a command's help.")] : []
        let choices = node.command.arguments.first?.choices ?? []
        let options = node.command.options.map { Word(text: $0.spelling, purpose: $0.help) }
        return subcommands + help + choices.map { Word(text: $0, purpose: "") } + options
            + [Word(text: "--help", purpose: "Show this help.")]
    }

    private static func nodes(below command: Command, _ names: [String]) -> [Node] {
        [Node(names: names, command: command)]
            + command.subcommands.flatMap { nodes(below: $0, names + [$0.name]) }
    }
}
