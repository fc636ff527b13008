/// What it took to apply a full topic.
package struct ApplyFigures: Sendable, Encodable {
    package var contender: String
    package var repeats: RepeatShare
    package var messages: Int
    /// Messages a second, between the first and the last commit.
    package var rate: Double
    /// Microseconds of processor time for each message.
    package var ownMicroseconds: Double
    package var postgresMicroseconds: Double
    /// Nil where the broker is not ours.
    package var brokerMicroseconds: Double?
    /// Bytes of PostgreSQL's log for each message.
    package var logBytes: Double
    package var peakBytes: Int64

    package init(
        contender: String,
        repeats: RepeatShare,
        messages: Int,
        rate: Double,
        ownMicroseconds: Double,
        postgresMicroseconds: Double,
        brokerMicroseconds: Double?,
        logBytes: Double,
        peakBytes: Int64
    ) {
        self.contender = contender
        self.repeats = repeats
        self.messages = messages
        self.rate = rate
        self.ownMicroseconds = ownMicroseconds
        self.postgresMicroseconds = postgresMicroseconds
        self.brokerMicroseconds = brokerMicroseconds
        self.logBytes = logBytes
        self.peakBytes = peakBytes
    }
}
