/// What one lane of an outbox is doing: a snapshot for people and for tests.
package struct LaneStatus: Sendable, Hashable, Codable {
    /// Where the lane stands.
    package enum State: String, Sendable, Hashable, Codable {
        /// The database cannot be reached.
        case connecting
        /// Another instance owns the lane.
        case standby
        /// This instance publishes.
        case publishing
        /// Kafka cannot be reached; reading has stopped.
        case unreachable
        /// A refused message stops the lane (policy `stop`).
        case stopped
        /// What is in flight is being finished.
        case draining
    }

    package var outbox: String
    package var lane: Int
    package var state: State
    /// The owning instance, this one or another; nil when nobody or when it is not known.
    package var owner: String?
    package var epoch: Int64?
    /// Rows waiting in the table, those in flight among them; nil when not known.
    package var backlog: Int64?
    /// Whether `backlog` is an estimate, which it is for large ones.
    package var backlogIsEstimate: Bool
    /// How long ago what waits was counted; nil when it never was.
    package var countedSecondsAgo: Double?
    /// Age in seconds of the oldest waiting row, by the database's clock.
    package var oldestAgeSeconds: Double?
    /// Messages acknowledged per second, over the last ten seconds.
    package var rate: Double
    /// From the commit becoming visible to the acknowledgement, in milliseconds.
    package var latencyP50Milliseconds: Double?
    package var latencyP99Milliseconds: Double?
    package var inFlight: Int
    package var publishedTotal: Int64
    /// Records acknowledged after the lease had run out: what a paused owner still sent.
    package var publishedAfterLeaseTotal: Int64
    /// Parked messages of this lane, counted up to a hundred thousand of a state.
    package var deadLetters: Int64?
    package var held: Int64?
    package var retrying: Int64?
    package var lastError: String?

    package init(outbox: String, lane: Int) {
        self.outbox = outbox
        self.lane = lane
        state = .connecting
        backlogIsEstimate = false
        rate = 0
        inFlight = 0
        publishedTotal = 0
        publishedAfterLeaseTotal = 0
    }
}
