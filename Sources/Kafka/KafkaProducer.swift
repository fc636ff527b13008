package import CCells
import CKafkaShim
import CLibrdkafka

/// Publishes rows in batches and counts their delivery reports.
///
/// Owned by one thread.
///
/// A gapless producer fails for good at the first record that a broker refuses, so that nothing of
/// the same partition overtakes it; its owner then makes another.
package final class KafkaProducer {
    private let client: ClientHandle
    private let publisher: OpaquePointer
    /// Batches that librdkafka may still report on.
    private var attached: [ObjectIdentifier: KafkaPublishBatch] = [:]

    package init(_ configuration: KafkaConfiguration, gapless: Bool) throws(KafkaError) {
        let conf = try configuration.makeProducerConfiguration(gapless: gapless)
        conf.withPointer { publisher_prepare($0) }
        client = try ClientHandle(RD_KAFKA_PRODUCER, conf)
        publisher = publisher_new(client.pointer)
    }

    deinit {
        publisher_destroy(publisher)
    }

    /// Becomes readable when `drain` has something to count.
    package var descriptor: Int32 { publisher_descriptor(publisher) }

    package var fatalError: KafkaError? { client.fatalError }

    /// What one call of `publish` did.
    package struct Outcome {
        /// Rows that have their entry in the batch now.
        package let consumedCount: Int
        /// The row at which the call ended because its payload was not lent, and that payload's size.
        package let stub: (row: Int, size: Int)?
        /// Why nothing more can be sent; the rows from there on are `unsent`.
        package let stopped: KafkaError?
    }

    /// How large payloads may be.
    package struct Limits: Sendable {
        /// Those over it were not lent.
        package let lent: Int
        /// Those over it are refused.
        package let largest: Int

        package init(lent: Int, largest: Int) {
            self.lent = lent
            self.largest = largest
        }
    }

    /// Sends rows of a lent table.
    ///
    /// The first refused row of a key makes the key wait when `blocks`.
    package func publish(
        _ table: ccells_table,
        rows: Range<Int>,
        by plan: KafkaPlan,
        into batch: KafkaPublishBatch,
        limits: Limits,
        blocks: Bool
    ) -> Outcome {
        attach(batch)
        let result = publisher_publish(
            publisher,
            batch.pointer,
            table,
            &plan.handle.layout,
            Int32(rows.lowerBound),
            Int32(rows.upperBound),
            Int64(limits.lent),
            Int64(limits.largest),
            blocks
        )
        return Outcome(
            consumedCount: Int(result.consumed),
            stub: result.stub_row < 0 ? nil : (Int(result.stub_row), Int(result.stub_size)),
            stopped: result.stopped == 0 ? nil : KafkaError(code: result.stopped)
        )
    }

    /// What `drain` counted.
    package struct Drained {
        package let reportCount: Int
        /// Reports that were no acknowledgement.
        package let failedCount: Int
        /// The latest event that was no report: a broker went away, and the like.
        package let event: KafkaError?
        /// Whether the producer has failed for good.
        package let isFatal: Bool
    }

    /// Counts the reports that have arrived, waiting at most `timeout` for the first.
    package func drain(timeout: Duration = .zero) -> Drained {
        let drained = publisher_drain(publisher, Int32(timeout / .milliseconds(1)))
        return Drained(
            reportCount: Int(drained.reports),
            failedCount: Int(drained.failed),
            event: drained.last_error == 0 ? nil : KafkaError(code: drained.last_error),
            isFatal: drained.fatal != 0
        )
    }

    /// Lets go of a batch of which nothing is pending.
    package func detach(_ batch: KafkaPublishBatch) {
        precondition(batch.pendingCount == 0, "a batch was let go before its reports")
        publisher_detach(publisher, batch.pointer)
        attached[ObjectIdentifier(batch)] = nil
    }

    /// Gives up what is queued, and what is on its way too when `inFlight`; reports follow.
    package func purge(inFlight: Bool) {
        publisher_purge(publisher, inFlight)
    }

    /// Asks again for topics that were missing or closed, at the next record for them.
    package func retryTopics() {
        publisher_retry_topics(publisher)
    }

    package func isReachable(within limit: Duration) -> Bool {
        publisher_is_reachable(publisher, Int32(limit / .milliseconds(1)))
    }

    private func attach(_ batch: KafkaPublishBatch) {
        guard attached.updateValue(batch, forKey: ObjectIdentifier(batch)) == nil else { return }
        precondition(
            publisher_attach(publisher, batch.pointer),
            "too many batches are in flight"
        )
    }
}

/// A layout made ready for use.
package final class KafkaPlan {
    let handle: LayoutHandle

    package init(_ layout: KafkaRecordLayout) {
        handle = LayoutHandle(layout)
    }
}

extension KafkaProducer {
    /// Rows of the key are held from now on.
    package func block(key: String) {
        var key = key
        key.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                publisher_block_key(publisher, $0.baseAddress, $0.count)
            }
        }
    }

    package func unblock(key: String) {
        var key = key
        key.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                publisher_unblock_key(publisher, $0.baseAddress, $0.count)
            }
        }
    }

    package func unblockAll() {
        publisher_unblock_all(publisher)
    }

    /// The failed row was the only one on its way, so the failure is its own: it is refused.
    package func confirmRefusal(of row: Int, in batch: KafkaPublishBatch, blocks: Bool) {
        publisher_confirm_refusal(publisher, batch.pointer, Int32(row), blocks)
    }

    package var blockedCount: Int { publisher_blocked_count(publisher) }

    /// Takes over the waiting keys of the producer whose place this one takes.
    package func takeBlockedKeys(from other: KafkaProducer) {
        publisher_move_blocked(other.publisher, publisher)
    }
}
