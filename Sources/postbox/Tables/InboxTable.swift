import Messaging

/// What `postbox status` prints of inboxes: a row for each, or one for each partition.
struct InboxTable {
    private let inboxes: [InboxStatus]

    init(_ inboxes: [InboxStatus]) {
        self.inboxes = inboxes
    }

    var lines: [String] {
        var table = TextTable([
            "INBOX", "STATE", .right("PARTITIONS"), .right("LAG"), .right("BEHIND"),
            .right("RATE"), .right("APPLIED"), .right("REPEATS"), .right("LATE"), .right("DEAD"),
            .right("HELD"),
        ])
        for inbox in inboxes { table.append(Self.cells(of: inbox).map { $0 ?? "-" }) }
        return table.lines()
    }

    var partitionLines: [String] {
        var table = TextTable([
            "INBOX", "TOPIC", .right("PARTITION"), .right("POSITION"), .right("END"),
            .right("LAG"), .right("BEHIND"),
        ])
        for inbox in inboxes {
            for partition in inbox.partitions.sorted(by: Self.isBefore) {
                table.append(Self.cells(of: partition, in: inbox.inbox).map { $0 ?? "-" })
            }
        }
        return table.lines()
    }

    /// What went wrong last, and why partitions are not read.
    var errors: [String] {
        inboxes.flatMap { inbox in
            let own = inbox.lastError.map { ["\(inbox.inbox): \($0)".printable] } ?? []
            let halted = inbox.partitions.compactMap { partition in
                partition.problem.map {
                    "\(inbox.inbox) \(partition.topic)/\(partition.partition): \($0)".printable
                }
            }
            return own + halted.filter { !own.contains($0) }
        }
    }

    private static func cells(of inbox: InboxStatus) -> [String?] {
        let lags = inbox.partitions.map(\.lag)
        let lag = lags.contains(nil) ? nil : lags.compactMap(\.self).reduce(0, +)
        return [
            inbox.inbox, inbox.state.rawValue, String(inbox.partitions.count),
            lags.isEmpty ? nil : lag.map(HumanUnits.count),
            inbox.partitions.compactMap(\.lagSeconds).max().map(HumanUnits.span(seconds:)),
            HumanUnits.rate(inbox.rate), HumanUnits.count(inbox.appliedTotal),
            HumanUnits.count(inbox.duplicatesTotal), HumanUnits.count(inbox.lateTotal),
            inbox.deadLetters.map(HumanUnits.count), inbox.held.map(HumanUnits.count),
        ]
    }

    private static func cells(of partition: InboxPartitionStatus, in inbox: String) -> [String?] {
        [
            inbox, partition.topic.printable, String(partition.partition),
            String(partition.position), partition.end.map(String.init),
            partition.lag.map(HumanUnits.count),
            partition.lagSeconds.map(HumanUnits.span(seconds:)),
        ]
    }

    private static func isBefore(
        _ left: InboxPartitionStatus,
        _ right: InboxPartitionStatus
    ) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}
