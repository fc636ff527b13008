/// The help of a command, written from its declaration, examples first.
struct HelpText {
    private let path: [Command]
    private static let width = 80

    /// The help of the last command of the path, which begins at the root.
    init(_ path: [Command]) { self.path = path }

    var text: String {
        var sections = [wrapped(command.abstract, indent: 0)]
        sections += section("EXAMPLES", command.examples.map { ($0.line, $0.purpose) })
        sections.append("USAGE\n  \(usage)")
        sections += section("COMMANDS", command.subcommands.map { ($0.name, $0.abstract) })
        sections += section("ARGUMENTS", command.arguments.map { ($0.valueName, remark(on: $0)) })
        sections += section("OPTIONS", options)
        if !command.discussion.isEmpty { sections.append(wrapped(command.discussion, indent: 0)) }
        if path.count == 1 { sections += section("EXIT CODES", exitCodes) }
        return sections.joined(separator: "\n\n")
    }

    /// The shape of the command line.
    var usage: String {
        var words = path.map(\.name)
        if case .group = command.body { return (words + ["COMMAND"]).joined(separator: " ") }
        if !command.options.isEmpty { words.append("[OPTIONS]") }
        words += command.arguments.map { argument in
            switch argument.arity {
            case .required: argument.valueName
            case .optional: "[\(argument.valueName)]"
            case .repeated: "[\(argument.valueName)...]"
            }
        }
        return words.joined(separator: " ")
    }

    private var command: Command { path[path.count - 1] }

    private var options: [(String, String)] {
        command.options.map { option in
            let short = option.short.map { "-\($0), " } ?? "    "
            let value = option.kind == .flag ? "" : " \(option.valueName)"
            return (short + option.spelling + value, remark(on: option))
        } + [("-h, --help", "Show this help.")]
    }

    private var exitCodes: [(String, String)] {
        ExitCode.allCases.map { (String($0.rawValue), $0.meaning) }
    }

    private func remark(on parameter: ParameterSpec) -> String {
        var remark = parameter.help
        if !parameter.choices.isEmpty {
            remark += " One of: \(parameter.choices.joined(separator: ", "))."
        }
        if let text = parameter.defaultText { remark += " Default: \(text)." }
        if parameter.arity == .repeated && parameter.kind == .option {
            remark += " May be given several times."
        }
        return remark
    }

    private func section(_ title: String, _ rows: [(String, String)]) -> [String] {
        guard !rows.isEmpty else { return [] }
        let column = min(34, rows.map { $0.0.count }.max() ?? 0) + 4
        let lines = rows.map { name, text in
            let body = wrapped(text, indent: column)
            let label = "  " + name
            guard label.count + 2 <= column else {
                return label + "\n" + String(repeating: " ", count: column) + body
            }
            return label + String(repeating: " ", count: column - label.count) + body
        }
        return ["\(title)\n" + lines.joined(separator: "\n")]
    }

    /// Breaks the text between words; lines after the first are indented, empty lines are kept.
    private func wrapped(_ text: String, indent: Int) -> String {
        let margin = "\n" + String(repeating: " ", count: indent)
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { paragraph in
            var lines = [""]
            for word in paragraph.split(separator: " ") {
                let isFirst = lines[lines.count - 1].isEmpty
                if !isFirst, lines[lines.count - 1].count + 1 + word.count > Self.width - indent {
                    lines.append(String(word))
                } else {
                    lines[lines.count - 1] += (isFirst ? "" : " ") + word
                }
            }
            return lines.joined(separator: margin)
        }.joined(separator: margin)
    }
}
