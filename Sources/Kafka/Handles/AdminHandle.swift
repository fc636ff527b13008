import CKafkaShim
import CLibrdkafka

/// A client for admin calls: each call has a queue, a deadline and one reply.
final class AdminHandle: Sendable {
    /// Whose settings are asked for.
    enum Resource {
        case topic(String)
        case broker(Int32)
    }

    let client: ClientHandle

    init(_ configuration: consuming ConfigurationHandle) throws(KafkaError) {
        client = try ClientHandle(RD_KAFKA_CONSUMER, configuration)
    }

    func create(
        _ topics: [KafkaNewTopic],
        within limit: Duration
    ) throws(KafkaError) -> [String: KafkaError] {
        guard !topics.isEmpty else { return [:] }
        var requests: [OpaquePointer?] = []
        defer { requests.forEach { rd_kafka_NewTopic_destroy($0) } }
        for topic in topics { requests.append(try Self.request(for: topic)) }
        let reply = try ask(RD_KAFKA_ADMIN_OP_CREATETOPICS, within: limit) { options, queue in
            rd_kafka_CreateTopics(
                client.pointer,
                &requests,
                requests.count,
                options,
                queue
            )
        }
        var count = 0
        let result = rd_kafka_event_CreateTopics_result(reply.event)
        return Self.failures(rd_kafka_CreateTopics_result_topics(result, &count), count)
    }

    func delete(
        _ topics: [String],
        within limit: Duration
    ) throws(KafkaError) -> [String: KafkaError] {
        guard !topics.isEmpty else { return [:] }
        var requests: [OpaquePointer?] = topics.map { rd_kafka_DeleteTopic_new($0) }
        defer { requests.forEach { rd_kafka_DeleteTopic_destroy($0) } }
        let reply = try ask(RD_KAFKA_ADMIN_OP_DELETETOPICS, within: limit) { options, queue in
            rd_kafka_DeleteTopics(
                client.pointer,
                &requests,
                requests.count,
                options,
                queue
            )
        }
        var count = 0
        let result = rd_kafka_event_DeleteTopics_result(reply.event)
        return Self.failures(rd_kafka_DeleteTopics_result_topics(result, &count), count)
    }

    func settings(
        of resource: Resource,
        within limit: Duration
    ) throws(KafkaError) -> [String: String] {
        var requests: [OpaquePointer?] = [Self.request(for: resource)]
        defer { requests.forEach { rd_kafka_ConfigResource_destroy($0) } }
        let reply = try ask(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, within: limit) { options, queue in
            rd_kafka_DescribeConfigs(client.pointer, &requests, 1, options, queue)
        }
        var count = 0
        let result = rd_kafka_event_DescribeConfigs_result(reply.event)
        let resources = rd_kafka_DescribeConfigs_result_resources(result, &count)
        guard count > 0, let first = resources?[0] else { return [:] }
        return try Self.settings(in: first)
    }
}

extension AdminHandle {
    /// Sends one request and waits for its reply.
    private func ask(
        _ operation: rd_kafka_admin_op_t,
        within limit: Duration,
        send: (_ options: OpaquePointer?, _ queue: OpaquePointer?) -> Void
    ) throws(KafkaError) -> ReplyHandle {
        let deadline = ContinuousClock.now + limit
        let options = rd_kafka_AdminOptions_new(client.pointer, operation)
        defer { rd_kafka_AdminOptions_destroy(options) }
        var text = [CChar](repeating: 0, count: 512)
        try KafkaError.check(
            rd_kafka_AdminOptions_set_request_timeout(
                options,
                limit.milliseconds,
                &text,
                text.count
            )
        )
        let replies = ReplyQueueHandle(client)
        send(options, replies.pointer)
        // librdkafka answers at its own deadline, which is the same; the second is for the way.
        guard let reply = replies.next(until: deadline + .seconds(1)) else {
            throw .timedOut("no answer of the brokers within \(limit)")
        }
        try reply.check()
        return reply
    }

    private static func request(for topic: KafkaNewTopic) throws(KafkaError) -> OpaquePointer {
        var text = [CChar](repeating: 0, count: 512)
        let made = rd_kafka_NewTopic_new(
            topic.name,
            Int32(clamping: topic.partitions),
            Int32(clamping: topic.replication),
            &text,
            text.count
        )
        guard let made else { throw .invalidArgument(String(nullTerminated: text)) }
        for (name, value) in topic.settings {
            rd_kafka_NewTopic_set_config(made, name, value)
        }
        return made
    }

    private static func request(for resource: Resource) -> OpaquePointer? {
        switch resource {
        case .topic(let name): rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name)
        case .broker(let id): rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, "\(id)")
        }
    }

    // Safety: `results` holds `count` entries and lives as long as the reply that the caller holds.
    private static func failures(
        _ results: UnsafeMutablePointer<OpaquePointer?>?,
        _ count: Int
    ) -> [String: KafkaError] {
        var failures: [String: KafkaError] = [:]
        for result in UnsafeBufferPointer(start: results, count: count) {
            let code = rd_kafka_topic_result_error(result)
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            let reason = rd_kafka_topic_result_error_string(result).map { String(cString: $0) }
            failures[String(cString: rd_kafka_topic_result_name(result))] =
                KafkaError(code, reason: reason)
        }
        return failures
    }

    // Safety: `resource` and its entries live as long as the reply that the caller holds.
    private static func settings(
        in resource: OpaquePointer
    ) throws(KafkaError)
        -> [String: String]
    {
        let code = rd_kafka_ConfigResource_error(resource)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let reason = rd_kafka_ConfigResource_error_string(resource).map { String(cString: $0) }
            throw KafkaError(code, reason: reason)
        }
        var count = 0
        let entries = rd_kafka_ConfigResource_configs(resource, &count)
        var settings: [String: String] = [:]
        for entry in UnsafeBufferPointer(start: entries, count: count) {
            guard let value = rd_kafka_ConfigEntry_value(entry) else { continue }
            settings[String(cString: rd_kafka_ConfigEntry_name(entry))] = String(cString: value)
        }
        return settings
    }
}
