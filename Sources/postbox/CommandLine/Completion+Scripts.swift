extension Completion {
    /// A function for bash's `complete -F`, to be sourced.
    var bash: String {
        """
        _\(identifier)() {
            local line="" words="" word="${COMP_WORDS[COMP_CWORD]}" index
            for ((index = 1; index < COMP_CWORD; index++)); do
                case "${line:+$line }${COMP_WORDS[index]}" in
                    \(knownPaths)) line="${line:+$line }${COMP_WORDS[index]}" ;;
                esac
            done
            case "$line ${COMP_WORDS[COMP_CWORD-1]}" in
        \(branches { node, option in
            let action = option.choices.isEmpty ? "" : #"COMPREPLY=($(compgen -W "\#(option.choices.joined(separator: " "))" -- "$word")) "#
            return "\(Self.patterns(node, option))) \(action)return ;;"
        })
            esac
            case "$line" in
        \(lines(8) { node in
            let words = self.words(after: node).map(\.text).joined(separator: " ")
            return #""\#(node.path)") words="\#(words)" ;;"#
        })
            esac
            COMPREPLY=($(compgen -W "$words" -- "$word"))
        }
        complete -o default -F _\(identifier) \(program)
        """
    }

    /// A function for zsh's `compdef`, to be sourced or put in `$fpath`.
    var zsh: String {
        """
        #compdef \(program)
        _\(identifier)() {
            local line="" index
            local -a candidates
            for ((index = 2; index < CURRENT; index++)); do
                case "${line:+$line }${words[index]}" in
                    \(knownPaths)) line="${line:+$line }${words[index]}" ;;
                esac
            done
            case "$line ${words[CURRENT-1]}" in
        \(branches { node, option in
            let choices = option.choices.joined(separator: " ")
            let action = choices.isEmpty ? "_files" : "compadd \(choices)"
            return "\(Self.patterns(node, option))) \(action); return ;;"
        })
            esac
            case "$line" in
        \(lines(8) { node in
            let words = self.words(after: node).map { word in
                Self.quoted("\(word.text):\(word.purpose)")
            }
            return #""\#(node.path)") candidates=(\#(words.joined(separator: " "))) ;;"#
        })
            esac
            _describe \(program) candidates || _files
        }
        compdef _\(identifier) \(program)
        """
    }

    /// Commands for fish, to be sourced.
    var fish: String {
        let helper = """
            function __\(identifier)_line
                set -l line (commandline -opc)[2..]
                string match -q -- "$argv" (string match -v -- '-*' $line | string join ' ')
            end
            complete -c \(program) -f
            """
        return ([helper] + nodes.flatMap { fishLines(of: $0) }).joined(separator: "\n")
    }

    private func fishLines(of node: Node) -> [String] {
        let start = "complete -c \(program) -n '__\(identifier)_line \(Self.fishPattern(node))'"
        return words(after: node).map { word in
            let purpose = word.purpose.isEmpty ? "" : " -d \(Self.quoted(word.purpose))"
            guard word.text.hasPrefix("--") else { return "\(start) -a \(word.text)\(purpose)" }
            let option = node.command.options.first { $0.spelling == word.text }
            return "\(start) -l \(word.text.dropFirst(2))\(Self.fishValue(option))\(purpose)"
        }
    }
}

extension Completion {
    private var identifier: String { program.replacing("-", with: "_") }

    /// All paths of commands as one pattern of `case`.
    private var knownPaths: String {
        nodes.filter { !$0.names.isEmpty }.map { "\"\($0.path)\"" }.joined(separator: "|")
    }

    private func lines(_ indent: Int, _ line: (Node) -> String) -> String {
        nodes.map { String(repeating: " ", count: indent) + line($0) }.joined(separator: "\n")
    }

    /// One branch for each option that takes a value.
    private func branches(_ branch: (Node, ParameterSpec) -> String) -> String {
        nodes.flatMap { node in
            node.command.options.filter { $0.kind == .option }.map { option in
                String(repeating: " ", count: 8) + branch(node, option)
            }
        }.joined(separator: "\n")
    }

    private static func patterns(_ node: Node, _ option: ParameterSpec) -> String {
        let long = "\"\(node.path) \(option.spelling)\""
        return option.short.map { "\(long)|\"\(node.path) -\($0)\"" } ?? long
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }

    /// A group is completed right behind its name only, a command behind its arguments as well.
    private static func fishPattern(_ node: Node) -> String {
        guard case .action = node.command.body else { return "\"\(node.path)\"" }
        return "\"\(node.path)*\""
    }

    private static func fishValue(_ option: ParameterSpec?) -> String {
        guard let option else { return "" }
        let short = option.short.map { " -s \($0)" } ?? ""
        guard option.kind == .option else { return short }
        let choices = option.choices.joined(separator: " ")
        return short + (choices.isEmpty ? " -r -F" : " -x -a '\(choices)'")
    }
}
