import CKafkaShim
import CLibrdkafka

/// The columns that the shim found in a batch, and the batch itself.
///
/// Safety: nothing changes after `init`: the headers, which librdkafka parses in place, are parsed
/// then. What is only read may be read by all threads.
final class SurveyHandle: @unchecked Sendable {
    let messages: MessagesHandle
    private let columns: UnsafeMutablePointer<survey>

    init(_ messages: consuming MessagesHandle, rule: KafkaSurveyRule) {
        var rule = survey_rule(rule)
        defer { survey_rule_destroy(&rule) }
        guard let columns = survey_new(messages.records, messages.count, &rule) else {
            preconditionFailure("no memory to survey \(messages.count) records")
        }
        self.columns = columns
        self.messages = messages
    }

    deinit {
        // Order: the columns point into the messages, which are freed after this.
        survey_destroy(columns)
    }

    var count: Int { columns.pointee.count }

    var byteCount: Int { columns.pointee.bytes }

    func hashes() -> [Int64] { copy(columns.pointee.hashes) }

    func offsets() -> [Int64] { copy(columns.pointee.offsets) }

    func ranges() -> [KafkaSurvey.Range] {
        let all = UnsafeBufferPointer(
            start: columns.pointee.range,
            count: columns.pointee.range_count
        )
        return all.map { range in
            KafkaSurvey.Range(
                partition: KafkaPartition(
                    topic: String(cString: range.name),
                    partition: range.partition
                ),
                first: range.first,
                last: range.last,
                lastCreatedAt: Self.time(range.last_created),
                lastTimestamp: range.last_time < 0 ? nil : range.last_time
            )
        }
    }

    func encode(rows: [Int32], inbox: String, element: UInt32, attempt: Int32) -> [UInt8] {
        let known = 0..<Int32(clamping: count)
        precondition(rows.allSatisfy(known.contains), "a row that is none of \(count)")
        var inbox = inbox
        return inbox.withUTF8 { inbox in
            let bound = survey_encoded_bound(columns, rows, rows.count, inbox.count)
            return [UInt8](unsafeUninitializedCapacity: bound) { buffer, written in
                // Safety: `bound` is what these rows take at most.
                written = survey_encode(
                    columns,
                    rows,
                    rows.count,
                    UnsafeRawPointer(inbox.baseAddress)?.assumingMemoryBound(to: CChar.self),
                    inbox.count,
                    element,
                    attempt,
                    UnsafeMutableRawPointer(buffer.baseAddress)?
                        .assumingMemoryBound(to: CChar.self)
                )
            }
        }
    }
}

extension SurveyHandle {
    func encodeIDs(rows: [Int32]) -> [UInt8] {
        let bound = survey_ids_bound(columns, rows, rows.count)
        return encoded(bound) { survey_encode_ids(columns, rows, rows.count, $0) }
    }

    func encodeTimes(rows: [Int32]) -> [UInt8] {
        encoded(20 + 12 * rows.count) { survey_encode_times(columns, rows, rows.count, $0) }
    }

    private func encoded(
        _ bound: Int,
        _ write: (UnsafeMutablePointer<CChar>?) -> Int
    ) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: bound) { buffer, written in
            // Safety: `bound` is what is written at most.
            written = write(
                UnsafeMutableRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self)
            )
        }
    }

    func partition(at row: Int) -> KafkaPartition { messages.partition(at: row) }

    func idProblem(at row: Int) -> KafkaIDProblem? {
        KafkaIDProblem(rawValue: columns.pointee.problems[checked(row)])
    }

    func messageID(at row: Int) -> String? {
        let id = columns.pointee.ids[checked(row)]
        guard let start = id.start else { return nil }
        return String(
            decoding: UnsafeRawBufferPointer(start: start, count: id.length),
            as: UTF8.self
        )
    }

    func createdAt(at row: Int) -> Int64? { Self.time(columns.pointee.created[checked(row)]) }

    func hasOwnTime(at row: Int) -> Bool { columns.pointee.own_times[checked(row)] }

    func byteCount(at row: Int) -> Int {
        guard let message = columns.pointee.messages[checked(row)] else { return 0 }
        return message.pointee.key_len + message.pointee.len
    }

    private func checked(_ row: Int) -> Int {
        precondition(row >= 0 && row < count, "row \(row) of \(count)")
        return row
    }

    private func copy<Element>(_ column: UnsafeMutablePointer<Element>) -> [Element] {
        Array(UnsafeBufferPointer(start: column, count: count))
    }

    private static func time(_ column: Int64) -> Int64? { column == .min ? nil : column }
}

extension survey_rule {
    /// The shim's copy of a rule; whoever makes it destroys it.
    fileprivate init(_ rule: KafkaSurveyRule) {
        self.init()
        position_as_id = rule.usesPositionAsID
        switch rule.id {
        case .nowhere: source = survey_id_nowhere
        case .header(let name): add([name], as: survey_id_header)
        case .member(let path): add(path, as: survey_id_member)
        }
    }

    private mutating func add(_ names: [String], as source: survey_id_source) {
        self.source = source
        for name in names where !survey_rule_add(&self, name) {
            preconditionFailure("a path of \(names.count) members")
        }
    }
}
