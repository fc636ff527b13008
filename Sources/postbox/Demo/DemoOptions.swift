/// What `postbox demo` was asked for.
struct DemoOptions: Sendable {
    var seconds = 10
    /// Rows a second.
    var rate = 2_000
    /// A real Kafka, `host:port`; the built-in broker without.
    var kafka: String?
    /// A real PostgreSQL; a private one without.
    var database: String?
    /// The run's own, for it is removed afterwards.
    let topic = "postbox.demo.\(UInt32.random(in: 0 ... .max))"
}
