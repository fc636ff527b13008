/// What a consumer took in one step: records in order, still in librdkafka's memory.
///
/// The memory is freed with the batch. A batch keeps its consumer's client alive.
package struct KafkaBatch: ~Copyable, Sendable {
    /// Something a consumer was told instead of a record.
    package struct Problem: Sendable, CustomStringConvertible {
        package let error: KafkaError
        /// The partition that it concerns, where it concerns one.
        package let partition: KafkaPartition?
        /// Where in the partition, where that is known; otherwise negative.
        let offset: Int64

        init(error: KafkaError, partition: KafkaPartition? = nil, offset: Int64 = -1) {
            self.error = error
            self.partition = partition
            self.offset = offset
        }

        package var description: String {
            partition.map { "\($0): \(error)" } ?? error.description
        }
    }

    /// Where the records stand, one array for each fact, all of the batch's length.
    package struct Columns: Sendable {
        package let partitions: [Int32]
        package let offsets: [Int64]
        /// Milliseconds since 1970, or -1 where the record has no time.
        package let timestamps: [Int64]
    }

    private let messages: MessagesHandle
    private let others: [Problem]

    init(_ messages: consuming MessagesHandle, and others: [Problem] = []) {
        self.messages = messages
        self.others = others
    }

    package var count: Int { messages.count }

    package var isEmpty: Bool { messages.count == 0 }

    /// What went wrong meanwhile; the records are good all the same.
    package var problems: [Problem] { messages.problems() + others }

    /// The records' places in three calls for all of them, not one for each.
    package func columns() -> Columns {
        messages.columns()
    }

    /// The last header `name` of each record as a number; nil where it is missing or is none.
    package func numbers(inHeader name: String) -> [Int64?] {
        messages.numbers(inHeader: name)
    }

    package func partition(at index: Int) -> KafkaPartition {
        messages.partition(at: index)
    }

    package func offset(at index: Int) -> Int64 {
        messages.offset(at: index)
    }

    /// Milliseconds since 1970; nil where the record has no time.
    package func timestamp(at index: Int) -> Int64? {
        messages.timestamp(at: index)
    }

    /// Lends the key's bytes; nil where there is none.
    package func withKey<Result, Failure: Error>(
        at index: Int,
        _ body: (RawSpan?) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try messages.withKey(at: index, body)
    }

    /// Lends the value's bytes; nil is a tombstone.
    package func withValue<Result, Failure: Error>(
        at index: Int,
        _ body: (RawSpan?) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try messages.withValue(at: index, body)
    }

    /// Finds out in one walk what applying the records depends on; the survey keeps them from then
    /// on.
    package consuming func survey(_ rule: KafkaSurveyRule) -> KafkaSurvey {
        KafkaSurvey(SurveyHandle(messages, rule: rule))
    }

    /// A copy of one record.
    package func record(at index: Int) -> KafkaRecord {
        messages.record(at: index)
    }

    /// Copies of all records.
    package func records() -> [KafkaRecord] {
        (0..<count).map { messages.record(at: $0) }
    }
}
