import CKafkaShim
import CLibrdkafka
import TestKit

@testable import Kafka

/// A producer that only tests of the consumer need: one record a call, no reports.
struct PlainProducer {
    let client: ClientHandle
    /// How long a call waits for the broker, in milliseconds.
    static let limit = patience.milliseconds

    init(_ cluster: KafkaCluster) throws {
        let configuration = KafkaConfiguration(cluster)
        client = try ClientHandle(
            RD_KAFKA_PRODUCER,
            configuration.makeProducerConfiguration(gapless: true)
        )
    }

    /// Waits until the topic is known.
    ///
    /// What is handed over before goes out in pieces as soon as it is.
    func learn(_ topic: String) throws {
        let handle = rd_kafka_topic_new(client.pointer, topic, nil)
        defer { rd_kafka_topic_destroy(handle) }
        var metadata: UnsafePointer<rd_kafka_metadata>?
        try KafkaError.check(rd_kafka_metadata(client.pointer, 0, handle, &metadata, Self.limit))
        rd_kafka_metadata_destroy(metadata)
    }

    /// Hands over one record; nil for the key or the value is Kafka's null.
    func send(
        _ partition: KafkaPartition,
        key: [UInt8]? = nil,
        value: [UInt8]?,
        headers: [(String, [UInt8]?)] = []
    ) throws {
        let list = rd_kafka_headers_new(headers.count)
        for (name, value) in headers {
            rd_kafka_header_add(list, name, -1, value, value?.count ?? 0)
        }
        let error = partition.topic.withCString { topic in
            withBytes(key) { key in
                withBytes(value) { value in
                    produce(topic, partition.partition, key: key, value: value, headers: list)
                }
            }
        }
        if let error {
            rd_kafka_headers_destroy(list)
            throw KafkaError(consuming: error)
        }
    }

    /// Sends the texts `0`, `1`, … as values, each with its number in the header `seq`.
    func send(_ partition: KafkaPartition, numbers: Range<Int>) throws {
        for number in numbers {
            let text = Array("\(number)".utf8)
            try send(partition, key: nil, value: text, headers: [("seq", text)])
        }
        try flush()
    }

    /// Waits until all is acknowledged.
    func flush() throws {
        try KafkaError.check(rd_kafka_flush(client.pointer, Self.limit))
    }

    private func produce(
        _ topic: UnsafePointer<CChar>,
        _ partition: Int32,
        key: rd_kafka_vu_t,
        value: rd_kafka_vu_t,
        headers: OpaquePointer?
    ) -> OpaquePointer? {
        var key = key
        var value = value
        key.vtype = RD_KAFKA_VTYPE_KEY
        value.vtype = RD_KAFKA_VTYPE_VALUE
        var arguments = [
            key, value, rd_kafka_vu_t(), rd_kafka_vu_t(), rd_kafka_vu_t(), rd_kafka_vu_t(),
        ]
        arguments[2].vtype = RD_KAFKA_VTYPE_TOPIC
        arguments[2].u.cstr = topic
        arguments[3].vtype = RD_KAFKA_VTYPE_PARTITION
        arguments[3].u.i32 = partition
        arguments[4].vtype = RD_KAFKA_VTYPE_HEADERS
        arguments[4].u.headers = headers
        arguments[5].vtype = RD_KAFKA_VTYPE_MSGFLAGS
        arguments[5].u.i = RD_KAFKA_MSG_F_COPY
        return rd_kafka_produceva(client.pointer, arguments, arguments.count)
    }

    private func withBytes<Result>(
        _ bytes: [UInt8]?,
        _ body: (rd_kafka_vu_t) -> Result
    ) -> Result {
        var argument = rd_kafka_vu_t()
        guard var bytes else { return body(argument) }
        // An empty array may have no address, and Kafka's empty is not its null.
        bytes.append(0)
        return bytes.withUnsafeMutableBytes { buffer in
            argument.u.mem.ptr = buffer.baseAddress
            argument.u.mem.size = buffer.count - 1
            return body(argument)
        }
    }
}
