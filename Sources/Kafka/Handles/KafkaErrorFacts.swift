/// What a code says, as far as it concerns the fate of a message.
struct KafkaErrorFacts: OptionSet, Hashable {
    let rawValue: UInt8

    static let unreachable = KafkaErrorFacts(rawValue: 1)
    static let rejection = KafkaErrorFacts(rawValue: 2)
    static let permanent = KafkaErrorFacts(rawValue: 4)
    static let topic = KafkaErrorFacts(rawValue: 8)
}

extension KafkaError {
    /// Whether no broker of the cluster can be reached.
    package var isWholeClusterDown: Bool {
        code == KafkaErrorTable.allBrokersDown
    }

    /// Whether Kafka does not have the position that was asked for, or not any more.
    package var isOffsetOutOfRange: Bool { KafkaErrorTable.outOfRange.contains(code) }

    /// Whether it only says that a partition has been read to its end.
    package var isEndOfPartition: Bool { code == KafkaErrorTable.endOfPartition }

    /// Whether the topic, or this partition of it, is not there.
    package var isUnknownTopic: Bool { KafkaErrorTable.unknownTopic.contains(code) }

    /// Whether the record was given up after it was sent: it may have been written.
    package var isGivenUpInFlight: Bool {
        code == KafkaErrorTable.purgedInFlight
    }
}
