/// A command, declared once: parsing, help and completion all come from the declaration.
package struct Command: Sendable {
    /// What a command that is not a group does.
    package typealias Action = @Sendable (Invocation) async throws -> ExitCode

    /// A command line that help shows, and what it is good for.
    package struct Example: Sendable {
        let line: String
        let purpose: String

        package init(_ line: String, _ purpose: String) {
            self.line = line
            self.purpose = purpose
        }
    }

    enum Body: Sendable {
        case action(Action)
        case group([Command])
    }

    let name: String
    let abstract: String
    let discussion: String
    let examples: [Example]
    let parameters: [any CommandParameter]
    let body: Body

    /// A command that does something.
    package init(
        _ name: String,
        abstract: String,
        discussion: String = "",
        examples: [Example] = [],
        accepts parameters: [any CommandParameter] = [],
        run: @escaping Action
    ) {
        self.name = name
        self.abstract = abstract
        self.discussion = discussion
        self.examples = examples
        self.parameters = parameters
        body = .action(run)
        precondition(isUnambiguous, "\(name) declares a name twice, or words it can never reach")
    }

    /// A command that stands for others: `dead-letters list`.
    package init(
        _ name: String,
        abstract: String,
        discussion: String = "",
        examples: [Example] = [],
        subcommands: [Command]
    ) {
        self.name = name
        self.abstract = abstract
        self.discussion = discussion
        self.examples = examples
        parameters = []
        body = .group(subcommands)
    }

    var subcommands: [Command] {
        if case .group(let subcommands) = body { subcommands } else { [] }
    }

    var specs: [ParameterSpec] { parameters.map(\.spec) }
    var options: [ParameterSpec] { specs.filter { $0.kind != .argument } }
    var arguments: [ParameterSpec] { specs.filter { $0.kind == .argument } }

    private var isUnambiguous: Bool {
        let names = specs.map(\.name)
        let shorts = specs.compactMap(\.short)
        let arities = arguments.map(\.arity)
        return Set(names).count == names.count && Set(shorts).count == shorts.count
            && !names.contains("help") && !shorts.contains("h")
            && !arities.dropLast().contains(.repeated)
            && zip(arities, arities.dropFirst()).allSatisfy { $0 == .required || $1 != .required }
    }
}
