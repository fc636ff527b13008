import CKafkaShim
import CLibrdkafka

/// Rows read together, with what became of each: one entry per row, in the order they were given.
///
/// Owned by one thread, like the publisher that counts its reports.
package final class KafkaPublishBatch {
    let pointer: UnsafeMutablePointer<publish_batch>

    /// What became of one row.
    package enum State: UInt8, Sendable {
        case sent, acked, held, delayed, refused, unsent, failed
    }

    package init(capacity: Int) {
        pointer = publish_batch_new(Int32(capacity))
    }

    deinit {
        publish_batch_destroy(pointer)
    }

    package var count: Int { Int(pointer.pointee.count) }
    /// Records given to librdkafka that have no report yet.
    package var pendingCount: Int { Int(pointer.pointee.pending) }
    package var ackedCount: Int { Int(pointer.pointee.acked) }
    package var heldCount: Int { Int(pointer.pointee.held) }
    package var delayedCount: Int { Int(pointer.pointee.delayed) }
    package var refusedCount: Int { Int(pointer.pointee.refused) }
    package var unsentCount: Int { Int(pointer.pointee.unsent) }
    package var failedCount: Int { Int(pointer.pointee.failed) }
    package var byteCount: Int { Int(pointer.pointee.bytes) }

    // Safety: each array has `capacity` entries and lives as long as the batch; rows are < count.
    package func id(_ row: Int) -> Int64 { pointer.pointee.ids[check(row)] }
    package func partition(_ row: Int) -> Int32 { pointer.pointee.partitions[check(row)] }
    package func offset(_ row: Int) -> Int64 { pointer.pointee.offsets[check(row)] }
    package func error(_ row: Int) -> KafkaError {
        KafkaError(code: pointer.pointee.codes[check(row)])
    }
    package func state(_ row: Int) -> State {
        State(rawValue: pointer.pointee.states[check(row)]) ?? .unsent
    }
    /// Microseconds since 1970, or nil where the table does not say.
    package func createdAt(_ row: Int) -> Int64? {
        let wire = pointer.pointee.created[check(row)]
        return wire == 0 ? nil : wire + 946_684_800_000_000
    }

    /// The ids of the rows in the given state, in their order.
    package func ids(_ state: State) -> [Int64] {
        (0..<count).lazy.filter { self.pointer.pointee.states[$0] == state.rawValue }
            .map { self.pointer.pointee.ids[$0] }
    }

    private func check(_ row: Int) -> Int {
        precondition(row >= 0 && row < count, "the batch has no row \(row)")
        return row
    }
}
