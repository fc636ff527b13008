/// What came back through a pipeline: one event for each statement and each sync, in order.
package enum PostgresPipelineEvent: ~Copyable {
    /// A statement's result.
    case rows(PostgresRows)
    /// The server refused a statement; what follows up to the next sync is aborted.
    case failed(PostgresError)
    /// A statement that was not run, because one before it failed.
    case aborted
    /// The answer to a sync: what came before it is committed, unless a statement failed.
    case synced
}
