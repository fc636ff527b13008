/// What a steady trickle of messages, and a rest after it, have come to.
package struct SteadyFigures: Sendable, Encodable {
    /// Messages a second, as they were really written.
    package var rate: Double
    /// From the commit to the consumer.
    package var p50Milliseconds: Double
    package var p99Milliseconds: Double
    package var maxMilliseconds: Double
    /// The daemon with nothing to do: its memory, and its share of one core.
    package var idleBytes: Int64
    package var idlePercent: Double
    package var verdict: DeliveryVerdict
}
