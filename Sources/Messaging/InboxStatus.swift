/// What an inbox is doing: a snapshot for people and for tests.
package struct InboxStatus: Sendable, Hashable, Codable {
    /// Where the inbox stands.
    package enum State: String, Sendable, Hashable, Codable {
        /// The database cannot be reached.
        case connecting
        /// It waits for its group to give it partitions.
        case joining
        /// It reads and applies what its partitions bring.
        case consuming
        /// It is a member of its group, and others have all the partitions.
        case standby
        /// Kafka cannot be reached.
        case unreachable
        /// A refused message stops a lane (policy `stop`).
        case stopped
        /// What was taken is being applied, nothing more is read.
        case draining
    }

    package var inbox: String
    package var state: State
    package var group: String
    package var partitions: [InboxPartitionStatus]
    /// Messages applied per second, over the last ten seconds.
    package var rate: Double
    package var appliedTotal: Int64
    package var duplicatesTotal: Int64
    /// Messages that came after their window.
    package var lateTotal: Int64
    package var deadLetters: Int64?
    package var held: Int64?
    package var retrying: Int64?
    package var lastError: String?

    package init(inbox: String, group: String) {
        self.inbox = inbox
        self.group = group
        state = .connecting
        partitions = []
        rate = 0
        appliedTotal = 0
        duplicatesTotal = 0
        lateTotal = 0
    }
}

/// One partition that this instance reads.
package struct InboxPartitionStatus: Sendable, Hashable, Codable {
    package var topic: String
    package var partition: Int32
    /// The next offset to be applied, by the database.
    package var position: Int64
    /// The offset after the last record there is; nil when not known.
    package var end: Int64?
    /// How far behind the time of the last applied message is, in seconds; 0 when all is applied.
    package var lagSeconds: Double?
    /// Why it is not read; nil when it is.
    package var problem: String?

    /// Messages still to be applied; nil when not known.
    package var lag: Int64? { end.map { max($0 - position, 0) } }

    package init(topic: String, partition: Int32, position: Int64) {
        self.topic = topic
        self.partition = partition
        self.position = position
    }
}
