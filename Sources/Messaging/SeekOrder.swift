/// Where an inbox is to go on, as `postbox seek` is told.
package struct SeekOrder: Sendable, Hashable, Codable {
    package var inbox: String
    /// Nil: every topic that the inbox reads.
    package var topic: String?
    /// Nil: every partition.
    package var partition: Int32?
    package var target: SeekTarget
    /// Whether it is done, and not only shown.
    package var applies: Bool

    package init(
        inbox: String,
        topic: String? = nil,
        partition: Int32? = nil,
        to target: SeekTarget,
        applies: Bool = false
    ) {
        self.inbox = inbox
        self.topic = topic
        self.partition = partition
        self.target = target
        self.applies = applies
    }
}

/// A place in every partition.
package enum SeekTarget: Sendable, Hashable, Codable {
    /// The first message that Kafka still has.
    case earliest
    /// After the last one.
    case latest
    case offset(Int64)
    /// The first message of that time or later, in milliseconds since 1970.
    case time(milliseconds: Int64)
}

/// What a seek does, or would do.
package struct SeekPlan: Sendable, Hashable, Codable {
    /// What it means for one partition.
    package struct Move: Sendable, Hashable, Codable {
        package var topic: String
        package var partition: Int32
        /// The next offset to be applied now; nil when the partition was never read.
        package var now: Int64?
        package var new: Int64

        package init(topic: String, partition: Int32, now: Int64?, new: Int64) {
            self.topic = topic
            self.partition = partition
            self.now = now
            self.new = new
        }

        /// Offsets that are read once more.
        package var repeated: Int64 { now.map { max($0 - new, 0) } ?? 0 }
        /// Offsets that are never read.
        package var skipped: Int64 { now.map { max(new - $0, 0) } ?? 0 }
    }

    package var inbox: String
    package var moves: [Move]
    /// Whether messages that were seen are left out when they are read again.
    package var recognisesRepeats: Bool
    package var isApplied: Bool

    package init(inbox: String, moves: [Move], recognisesRepeats: Bool, isApplied: Bool) {
        self.inbox = inbox
        self.moves = moves
        self.recognisesRepeats = recognisesRepeats
        self.isApplied = isApplied
    }
}

/// Why a seek cannot be done as it was asked for.
package enum SeekError: Error, Sendable, Hashable, CustomStringConvertible {
    case notRead(topic: String, inbox: String)
    case noPartition(Int32, topic: String?)
    case nothing(inbox: String)
    case outside(Int64, topic: String, partition: Int32, first: Int64, end: Int64)
    /// An offset says nothing about more than one partition.
    case severalPartitions(Int)

    package var description: String {
        switch self {
        case .notRead(let topic, let inbox): "inbox \(inbox) does not read topic \(topic)"
        case .noPartition(let partition, let topic?): "topic \(topic) has no partition \(partition)"
        case .noPartition(let partition, nil): "no topic has a partition \(partition)"
        case .nothing(let inbox): "there is no topic now that inbox \(inbox) reads"
        case .outside(let offset, let topic, let partition, let first, let end):
            "partition \(partition) of \(topic) has offsets from \(first) to \(end), not \(offset)"
        case .severalPartitions(let count):
            "an offset is a place in one partition, and \(count) are meant: name --partition, and "
                + "--topic where there are several"
        }
    }
}
