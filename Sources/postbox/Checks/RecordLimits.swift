import Settings

/// How large a record, and a batch of them, may leave us.
struct RecordLimits {
    let record: Int
    let batch: Int

    /// The limits that librdkafka keeps to, by default or as the configuration has them.
    init(_ kafka: KafkaSettings?) {
        record = Self.number("message.max.bytes", of: kafka) ?? 1_000_000
        batch = min(record, Self.number("batch.size", of: kafka) ?? 1_000_000)
    }

    init(record: Int, batch: Int) {
        self.record = record
        self.batch = batch
    }

    /// Adds what `other` would refuse of what we send.
    func compare(
        with limit: Int?,
        of other: String,
        _ path: String,
        _ report: inout CheckReport
    ) {
        guard let limit, limit < record else { return }
        if limit < batch {
            let text = """
                \(other) refuses batches above \(limit) bytes, ours are up to \(batch), and all \
                messages of such a batch would become dead letters: set the properties \
                message.max.bytes and batch.size to \(limit) or less
                """
            report.add(.problem, at: path, text)
        } else {
            let text = """
                \(other) refuses records above \(limit) bytes, ours may have \(record): those \
                between become dead letters
                """
            report.add(.warning, at: path, text)
        }
    }

    private static func number(_ property: String, of kafka: KafkaSettings?) -> Int? {
        let value = kafka?.properties.last { $0.name == property }?.value
        guard case .text(let text) = value else { return nil }
        return Int(text)
    }
}
