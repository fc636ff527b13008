/// What one drain of the filled table has come to.
package struct DrainFigures: Sendable, Encodable {
    package var contender: String
    package var rows: Int
    /// From the first message's arrival at the consumer to the last one's.
    package var consumedSeconds: Double
    /// From the first message's arrival until the last row was settled.
    package var settledSeconds: Double
    /// Microseconds of processor time for each message.
    package var ownMicroseconds: Double
    package var postgresMicroseconds: Double
    /// Nil where the broker is not ours.
    package var brokerMicroseconds: Double?
    /// Bytes of PostgreSQL's log for each message, to insert it and to drain it.
    package var insertLogBytes: Double
    package var drainLogBytes: Double
    package var peakBytes: Int64
    /// Nil where PostgreSQL cannot count statements, or the broker's disk is not ours to see.
    package var rowsPerBatch: Double?
    package var recordsPerRequest: Double?
    package var verdict: DeliveryVerdict

    package init(
        contender: String,
        rows: Int,
        consumedSeconds: Double,
        settledSeconds: Double,
        ownMicroseconds: Double,
        postgresMicroseconds: Double,
        brokerMicroseconds: Double?,
        insertLogBytes: Double,
        drainLogBytes: Double,
        peakBytes: Int64,
        rowsPerBatch: Double?,
        recordsPerRequest: Double?,
        verdict: DeliveryVerdict
    ) {
        self.contender = contender
        self.rows = rows
        self.consumedSeconds = consumedSeconds
        self.settledSeconds = settledSeconds
        self.ownMicroseconds = ownMicroseconds
        self.postgresMicroseconds = postgresMicroseconds
        self.brokerMicroseconds = brokerMicroseconds
        self.insertLogBytes = insertLogBytes
        self.drainLogBytes = drainLogBytes
        self.peakBytes = peakBytes
        self.rowsPerBatch = rowsPerBatch
        self.recordsPerRequest = recordsPerRequest
        self.verdict = verdict
    }

    /// Messages a second, until all was settled.
    package var rate: Double { Double(rows) / settledSeconds }
    package var consumedRate: Double { Double(rows) / consumedSeconds }
    package var logBytes: Double { insertLogBytes + drainLogBytes }
}
