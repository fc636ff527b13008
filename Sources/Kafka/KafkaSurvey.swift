/// What a batch holds, found in one walk; the records stay in librdkafka's memory.
///
/// Any number of threads may read it. The memory is freed with the last reference.
package final class KafkaSurvey: Sendable {
    /// The records of one partition.
    package struct Range: Sendable, Hashable {
        package let partition: KafkaPartition
        /// The offsets of the first and the last of them.
        package let first: Int64
        package let last: Int64
        /// The time of the last one, in microseconds since 2000 in UTC.
        package let lastCreatedAt: Int64?
        /// What Kafka has as the time of the last one, in milliseconds since 1970.
        package let lastTimestamp: Int64?
    }

    private let handle: SurveyHandle
    /// The hash of each record's key, never 0, the same in all versions and on all machines.
    ///
    /// A record without a key gets one of its partition and offset.
    package let hashes: [Int64]
    package let offsets: [Int64]

    init(_ handle: SurveyHandle) {
        self.handle = handle
        hashes = handle.hashes()
        offsets = handle.offsets()
    }

    package var count: Int { handle.count }

    /// The bytes of all keys and payloads.
    package var byteCount: Int { handle.byteCount }

    /// What went wrong while the batch was taken; the records are good all the same.
    package var problems: [KafkaBatch.Problem] { handle.messages.problems() }

    /// The partitions that have records here, in the order of their first ones.
    package func ranges() -> [Range] { handle.ranges() }

    /// The rows of each lane in order; equal keys meet in one lane.
    package func lanes(count: Int) -> [[Int32]] {
        precondition(count > 0, "no lanes")
        guard count > 1 else { return [Array(0..<Int32(clamping: self.count))] }
        var lanes = [[Int32]](repeating: [], count: count)
        for row in hashes.indices {
            let lane = UInt64(bitPattern: hashes[row]) % UInt64(count)
            lanes[Int(lane)].append(Int32(truncatingIfNeeded: row))
        }
        return lanes
    }

    /// Rows as a binary array of `postbox.message`, for `PostgresValue.encoded`.
    ///
    /// `attempt` is what all of them say in their last attribute.
    package func encode(
        rows: [Int32],
        inbox: String,
        types: MessageTypeIDs,
        attempt: Int32
    ) -> [UInt8] {
        handle.encode(rows: rows, inbox: inbox, element: types.message, attempt: attempt)
    }
}

extension KafkaSurvey {
    /// The ids of rows as a binary array of text; NULL where there is none.
    package func encodeIDs(rows: [Int32]) -> [UInt8] { handle.encodeIDs(rows: rows) }

    /// The times of rows as a binary array of timestamptz; NULL where there is none.
    package func encodeTimes(rows: [Int32]) -> [UInt8] { handle.encodeTimes(rows: rows) }

    package func partition(at row: Int) -> KafkaPartition { handle.partition(at: row) }

    package func idProblem(at row: Int) -> KafkaIDProblem? { handle.idProblem(at: row) }

    /// Nil where there is none that could be recognised.
    package func messageID(at row: Int) -> String? { handle.messageID(at: row) }

    /// Microseconds since 2000 in UTC: the header `created-at`, else the record's time.
    package func createdAt(at row: Int) -> Int64? { handle.createdAt(at: row) }

    /// Whether `createdAt` is the message's own, which stays the same however often it is sent.
    package func hasOwnTime(at row: Int) -> Bool { handle.hasOwnTime(at: row) }

    /// The bytes of its key and payload.
    package func byteCount(at row: Int) -> Int { handle.byteCount(at: row) }

    /// What Kafka has as a record's time, in milliseconds since 1970.
    package func timestamp(at row: Int) -> Int64? { handle.messages.timestamp(at: row) }

    /// A copy of one record.
    package func record(at row: Int) -> KafkaRecord { handle.messages.record(at: row) }
}
