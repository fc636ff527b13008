import Kafka
import Postgres

extension Program {
    /// All that `postbox` can do.
    static let postbox = Program(
        "postbox",
        abstract: "Move messages between PostgreSQL and Kafka without losing, inventing or "
            + "reordering any.",
        examples: [
            .init("postbox demo", "see it work, without any configuration"),
            .init("postbox check", "is everything there that the configuration asks for?"),
            .init("postbox migrate --apply", "make the tables"),
            .init("postbox run", "publish"),
            .init("postbox status --watch", "see it publish"),
        ],
        commands: [
            runCommand(),
            checkCommand(),
            migrateCommand(),
            demoCommand(),
            benchCommand(),
            statusCommand(),
            deadLettersCommand(),
            seekCommand(),
            versionCommand(libraries: {
                ["libpq": libpqVersion, "librdkafka": librdkafkaVersion]
            }),
        ]
    )
}
