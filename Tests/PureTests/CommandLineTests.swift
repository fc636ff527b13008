import Synchronization
import Testing

@testable import postbox

/// A program that shows, as its result, what it was given.
private enum Sample {
    enum Color: String, CaseIterable, CommandValue { case red, green }

    static let config = Option(
        "config",
        short: "c",
        value: "FILE",
        default: "/etc/a.yaml",
        help: "The configuration."
    )
    static let count = Option<Int?>("count", value: "N", help: "How many rows.")
    static let topics = Option<[String]>(repeated: "topic", value: "TOPIC", help: "A topic.")
    static let color = Option("color", value: "COLOR", default: Color.red, help: "A colour.")
    static let json = Flag("json", short: "j", help: "Write JSON.")
    static let name = Argument<String>("NAME", help: "What to show.")
    static let rest = Argument<[String]>("KEY", help: "More of it.")
    static let lane = Argument<Int?>("LANE", help: "One lane.")

    static let show = Command(
        "show",
        abstract: "Show a thing and everything that can be said about it in a sentence.",
        discussion: "Nothing is changed by it.",
        examples: [.init("sample show shop --json", "all of it, for a script")],
        accepts: [config, count, topics, color, json, name, rest]
    ) { given in
        given.print(
            "\(given[config]) \(given[count].map(String.init) ?? "-") \(given[topics]) "
                + "\(given[color]) \(given[json]) \(given[name]) \(given[rest])"
        )
        return .ok
    }

    static let list = Command("list", abstract: "List them.", accepts: [lane]) { given in
        given.print("list \(given[lane].map(String.init) ?? "all")")
        return .failed
    }

    static let program = Program(
        "sample",
        abstract: "A program.",
        commands: [
            show, Command("letters", abstract: "Look after letters.", subcommands: [list]),
            Command("break", abstract: "Fail.") { _ in throw CommandLineError.missingCommand },
        ]
    )

    /// What a command line prints, notes and returns.
    static func run(_ line: String) async -> (printed: String, noted: String, code: ExitCode) {
        let lines = Recorder()
        let output = CommandOutput(print: { lines.add($0, 0) }, note: { lines.add($0, 1) })
        let words = line.split(separator: " ").map(String.init)
        let code = await program.run(words, output: output)
        return (lines.text(0), lines.text(1), code)
    }

    private final class Recorder: Sendable {
        private let kept = Mutex<[[String]]>([[], []])

        func add(_ line: String, _ place: Int) { kept.withLock { $0[place].append(line) } }

        func text(_ place: Int) -> String { kept.withLock { $0[place].joined(separator: "\n") } }
    }
}

struct CommandLineTests {
    @Test(arguments: [
        ("show shop", #"/etc/a.yaml - [] red false shop []"#),
        ("show shop -c b.yaml --count 3", #"b.yaml 3 [] red false shop []"#),
        ("show --config=b=c shop --json k1 k2", #"b=c - [] red true shop ["k1", "k2"]"#),
        ("show -j --topic a --topic=b shop", #"/etc/a.yaml - ["a", "b"] red true shop []"#),
        ("show --color green --count=-1 shop", #"/etc/a.yaml -1 [] green false shop []"#),
        ("show -- --json -c", #"/etc/a.yaml - [] red false --json ["-c"]"#),
        ("show - --config -", #"- - [] red false - []"#),
        ("letters list", "list all"), ("letters list 4", "list 4"),
    ])
    func `words become values`(line: String, printed: String) async {
        let result = await Sample.run(line)
        #expect(result.printed == printed)
        #expect(result.noted.isEmpty)
    }

    @Test(arguments: [
        ("", "sample: a command is missing"),
        ("shwo", "sample: there is no command 'shwo'; did you mean 'show'?"),
        ("xyzzy", "sample: there is no command 'xyzzy'"),
        ("--config a show", "sample: there is no option '--config'"),
        ("letters", "sample letters: a command is missing"),
        ("letters lst", "sample letters: there is no command 'lst'; did you mean 'list'?"),
        ("show", "sample show: NAME is missing"),
        (
            "show a --cnofig b",
            "sample show: there is no option '--cnofig'; did you mean '--config'?"
        ),
        ("show a --confi=b", "sample show: there is no option '--confi'; did you mean '--config'?"),
        ("show a -jc", "sample show: there is no option '-jc'"),
        ("show a --config", "sample show: --config needs a value: FILE"),
        ("show a --config --json", "sample show: --config needs a value: FILE"),
        ("show a --json=yes", "sample show: --json takes no value"),
        ("show a -c b -c c", "sample show: --config is given twice"),
        ("show a --count many", "sample show: --count must be a whole number, got 'many'"),
        ("show a --color blue", "sample show: --color must be one of red, green, got 'blue'"),
        ("letters list 1 2", "sample letters list: '2' is one word too many"),
        ("letters list x", "sample letters list: LANE must be a whole number, got 'x'"),
        ("help shwo", "sample: there is no command 'shwo'; did you mean 'show'?"),
    ])
    func `a wrong line is explained and ends with 64`(line: String, complaint: String) async {
        let result = await Sample.run(line)
        #expect(result.code == .usage)
        #expect(result.noted.split(separator: "\n").first.map(String.init) == complaint)
        #expect(result.printed.isEmpty)
    }

    @Test func `what a command returns or throws is what the program returns`() async {
        #expect(await Sample.run("letters list").code == .failed)
        let broken = await Sample.run("break")
        #expect(broken.code == .failed && broken.noted == "sample: a command is missing")
    }

    @Test(arguments: ["show --help", "show -h", "help show", "show --wrong --help"])
    func `help gives examples first, and everything declared`(line: String) async {
        let result = await Sample.run(line)
        #expect(result.code == .ok)
        #expect(
            result.printed == """
                Show a thing and everything that can be said about it in a sentence.

                EXAMPLES
                  sample show shop --json  all of it, for a script

                USAGE
                  sample show [OPTIONS] NAME [KEY...]

                ARGUMENTS
                  NAME  What to show.
                  KEY   More of it.

                OPTIONS
                  -c, --config FILE  The configuration. Default: /etc/a.yaml.
                      --count N      How many rows.
                      --topic TOPIC  A topic. May be given several times.
                      --color COLOR  A colour. One of: red, green. Default: red.
                  -j, --json         Write JSON.
                  -h, --help         Show this help.

                Nothing is changed by it.
                """
        )
    }

    @Test func `the root's help lists commands and exit codes`() async {
        let help = await Sample.run("--help").printed
        #expect(
            help == """
                A program.

                USAGE
                  sample COMMAND

                COMMANDS
                  show        Show a thing and everything that can be said about it in a
                              sentence.
                  letters     Look after letters.
                  break       Fail.
                  completion  Write a script that completes commands and options.

                OPTIONS
                  -h, --help  Show this help.

                EXIT CODES
                  0   All went well.
                  1   Something failed, or problems were found.
                  2   The daemon cannot be reached.
                  64  The command line is wrong.
                  78  The configuration is wrong.
                """
        )
    }

    @Test(arguments: [
        ("bash", #""letters") words="list --help" ;;"#),
        ("bash", #""completion") words="bash zsh fish --help" ;;"#),
        ("bash", #""show --config"|"show -c") return ;;"#),
        ("zsh", #""letters") candidates=('list:List them.' '--help:Show this help.') ;;"#),
        ("zsh", #""show --color") compadd red green; return ;;"#),
        ("fish", #"complete -c sample -n '__sample_line "letters"' -a list -d 'List them.'"#),
        ("fish", #"'__sample_line "show*"' -l color -x -a 'red green' -d 'A colour.'"#),
    ])
    func `completion knows what the declarations say`(shell: String, line: String) async {
        let script = await Sample.run("completion \(shell)").printed
        #expect(script.contains(line), "\(script)")
    }

    @Test(arguments: [("version", "postbox 0.1.0"), ("--version", "postbox 0.1.0")])
    func `the program says its version`(word: String, printed: String) async {
        let lines = Mutex<[String]>([])
        let output = CommandOutput(
            print: { line in lines.withLock { $0.append(line) } },
            note: { _ in }
        )
        #expect(await Program.postbox.run([word], output: output) == .ok)
        #expect(lines.withLock { $0 } == [printed])
    }
}
