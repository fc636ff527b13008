extension Program {
    /// All that `postbox` can do.
    static let postbox = Program(
        "postbox",
        abstract: "Move messages between PostgreSQL and Kafka without losing, inventing or "
            + "reordering any.",
        examples: [],
        commands: [
            statusCommand(),
            deadLettersCommand(),
            versionCommand(libraries: { [:] })
        ]
    )
}
