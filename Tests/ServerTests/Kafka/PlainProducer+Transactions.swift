import CLibrdkafka
import TestKit

@testable import Kafka

/// Transactions, which Postbox does not use and others do.
extension PlainProducer {
    /// A producer for `transaction` alone.
    init(_ cluster: KafkaCluster, transactionalID: String) throws {
        let configuration = try KafkaConfiguration(cluster).makeProducerConfiguration(gapless: true)
        try configuration.set("transactional.id", transactionalID)
        try configuration.set("message.timeout.ms", "60000")
        client = try ClientHandle(RD_KAFKA_PRODUCER, configuration)
        try Self.check(rd_kafka_init_transactions(client.pointer, Self.limit))
    }

    /// Sends what `body` sends in a transaction, and commits it.
    ///
    /// Its end takes the next offset in each of its partitions.
    func transaction(_ body: () throws -> Void) throws {
        try Self.check(rd_kafka_begin_transaction(client.pointer))
        try body()
        try Self.check(rd_kafka_commit_transaction(client.pointer, Self.limit))
    }

    private static func check(_ error: OpaquePointer?) throws {
        if let error { throw KafkaError(consuming: error) }
    }
}
