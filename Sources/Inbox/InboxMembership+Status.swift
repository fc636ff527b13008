import Kafka
import Messaging
import Postgres

/// What people see of a stay in the group.
extension InboxMembership {
    /// Asked for only while somebody looks.
    func publishStatus() throws {
        let counts = try session.query(statements.parked.count, [.text(runtime.definition.name)])
        let lines = try partitionLines()
        link.update { status in
            status.deadLetters = counts.int64(0, 0)
            status.held = counts.int64(0, 1)
            status.retrying = counts.int64(0, 2)
            status.partitions = lines
        }
    }

    private func partitionLines() throws -> [InboxPartitionStatus] {
        var lines: [InboxPartitionStatus] = []
        for (partition, ledger) in link.assigned {
            var line = InboxPartitionStatus(partition, position: ledger.start, problem: nil)
            line.end = consumer.knownWatermarks(of: partition)?.upperBound
            if let lag = line.lag, lag == 0 { line.lagSeconds = 0 }
            lines.append(line)
        }
        for (partition, halt) in halted {
            lines.append(InboxPartitionStatus(partition, position: 0, problem: halt.reason))
        }
        try addLagInTime(&lines)
        return lines.sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
    }

    private func addLagInTime(_ lines: inout [InboxPartitionStatus]) throws {
        let rows = try session.query(statements.positions.readLag, [.text(runtime.definition.name)])
        for row in 0..<rows.count {
            let partition = KafkaPartition(rows, row)
            guard let place = lines.firstIndex(where: { KafkaPartition($0) == partition }) else {
                continue
            }
            lines[place].position = rows.int64(row, 2)
            if lines[place].lag != 0 { lines[place].lagSeconds = rows.doubleOrNil(row, 3) }
        }
    }
}

extension KafkaPartition {
    fileprivate init(_ line: InboxPartitionStatus) {
        self.init(topic: line.topic, partition: line.partition)
    }
}

extension InboxPartitionStatus {
    init(_ partition: KafkaPartition, position: Int64, problem: String?) {
        self.init(topic: partition.topic, partition: partition.partition, position: position)
        self.problem = problem
    }
}
