import Daemon
import Settings

/// `postbox check`: whether everything is there that `run` will need.
func checkCommand() -> Command {
    Command(
        "check",
        abstract: "Check the configuration, then PostgreSQL and Kafka against it.",
        discussion: """
            Changes nothing, and needs no running daemon. All problems are shown at once, each with \
            its line in the configuration. A topic that comes from a column or a template is known \
            only once there is a row, and is not checked.
            """,
        examples: [
            .init("postbox check", "before a start, or after a change"),
            .init("postbox check --json | jq '.problems[].message'", "for a script"),
        ],
        accepts: [ConfigurationOptions.file, ControlOptions.json]
    ) { invocation in
        let settings = try Settings.load(path: invocation[ConfigurationOptions.file])
        let connections = try Connections.resolve(settings)
        var report = CheckReport(settings.locations)
        PostgresInspection(settings: settings, connections: connections).inspect(into: &report)
        KafkaInspection(settings: settings, connections: connections).inspect(into: &report)
        if invocation[ControlOptions.json] {
            try invocation.print(json: CheckAnswer(report))
        } else {
            invocation.print(report.lines)
        }
        return report.problems.isEmpty ? .ok : .failed
    }
}

/// A report as `--json` prints it.
private struct CheckAnswer: Encodable {
    let problems: [CheckFinding]
    let warnings: [CheckFinding]
    let digest: [String]

    init(_ report: CheckReport) {
        problems = report.problems
        warnings = report.warnings
        digest = report.digest
    }
}
