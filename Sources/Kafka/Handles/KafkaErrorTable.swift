import CKafkaShim
import CLibrdkafka

/// The one table from librdkafka's codes to facts.
///
/// What is not known to be this message's own fault counts as the environment's: an outage must
/// never use up attempts, and a message given up by mistake is worse than one that waits.
enum KafkaErrorTable {
    /// The highest code of our shim, which librdkafka knows nothing of.
    static let highestLocalCode: Int32 = -10_000

    static let allBrokersDown = RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN.rawValue
    static let endOfPartition = RD_KAFKA_RESP_ERR__PARTITION_EOF.rawValue
    static let outOfRange = [
        RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET.rawValue,
        RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE.rawValue,
    ]
    static let unknownTopic = [
        RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
    ].map(\.rawValue)
    static let purgedInFlight = RD_KAFKA_RESP_ERR__PURGE_INFLIGHT.rawValue

    static func facts(of code: Int32) -> KafkaErrorFacts {
        if let facts = rows[code] ?? ownRows[code]?.facts { return facts }
        return code <= highestLocalCode ? [] : .unreachable
    }

    /// What our shim finds wrong with a message before it is sent, and with a report.
    private static let ownRows: [Int32: (name: String, reason: String, facts: KafkaErrorFacts)] = [
        publish_error_empty_topic.code: (
            "EMPTY_TOPIC", "the row names no topic", [.rejection, .permanent]
        ),
        publish_error_topic_name.code: (
            "TOPIC_NAME", "the topic's name is not one that Kafka allows",
            [.rejection, .permanent]
        ),
        publish_error_headers.code: (
            "HEADERS", "the headers are not a flat JSON object", [.rejection, .permanent]
        ),
        publish_error_no_offset.code: (
            "NO_OFFSET", "the acknowledgement carries no offset and proves nothing", .unreachable
        ),
        publish_error_many_topics.code: (
            "MANY_TOPICS", "rows name more new topics than are asked for at once", []
        ),
    ]

    static func name(of code: Int32) -> String {
        if let own = ownRows[code] { return own.name }
        guard rows[code] != nil else { return "CODE_\(code)" }
        return String(cString: rd_kafka_err2name(rd_kafka_resp_err_t(rawValue: code)))
    }

    static func reason(of code: Int32) -> String {
        if let own = ownRows[code] { return own.reason }
        guard rows[code] != nil else { return "error \(code) of Kafka" }
        return String(cString: rd_kafka_err2str(rd_kafka_resp_err_t(rawValue: code)))
    }

    /// Each code of librdkafka, once.
    static let rows: [Int32: KafkaErrorFacts] = {
        let groups: [(KafkaErrorFacts, [rd_kafka_resp_err_t])] = [
            (.unreachable, connection + security + cluster + group + producerState),
            (.rejection, refused),
            ([.rejection, .permanent], refusedForEver),
            ([.rejection, .topic], topic),
            ([.rejection, .permanent, .topic], [RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION]),
            ([], noFate),
        ]
        let pairs = groups.flatMap { facts, codes in codes.map { ($0.rawValue, facts) } }
        return Dictionary(uniqueKeysWithValues: pairs)
    }()
}

extension KafkaErrorTable {
    /// The way to the broker, and what librdkafka says while it waits for one.
    private static let connection: [rd_kafka_resp_err_t] = [
        RD_KAFKA_RESP_ERR__BAD_MSG, RD_KAFKA_RESP_ERR__DESTROY, RD_KAFKA_RESP_ERR__FAIL,
        RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE,
        RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__FS,
        RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__TIMED_OUT,
        RD_KAFKA_RESP_ERR__QUEUE_FULL, RD_KAFKA_RESP_ERR__NODE_UPDATE,
        RD_KAFKA_RESP_ERR__WAIT_COORD, RD_KAFKA_RESP_ERR__IN_PROGRESS,
        RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS, RD_KAFKA_RESP_ERR__OUTDATED,
        RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR__WAIT_CACHE,
        RD_KAFKA_RESP_ERR__INTR, RD_KAFKA_RESP_ERR__PARTIAL, RD_KAFKA_RESP_ERR__UNDERFLOW,
        RD_KAFKA_RESP_ERR__RETRY, RD_KAFKA_RESP_ERR__UNKNOWN_BROKER,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION,
        RD_KAFKA_RESP_ERR_UNKNOWN,
    ]

    /// Who we are and what the broker lets us do: a person must act, no message is at fault.
    private static let security: [rd_kafka_resp_err_t] = [
        RD_KAFKA_RESP_ERR__SSL, RD_KAFKA_RESP_ERR__AUTHENTICATION,
        RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE,
        RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION,
        RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_SECURITY_DISABLED, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
        RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_AUTH_DISABLED,
        RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_NOT_FOUND,
        RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_OWNER_MISMATCH,
        RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_REQUEST_NOT_ALLOWED,
        RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_EXPIRED,
        RD_KAFKA_RESP_ERR_PRINCIPAL_DESERIALIZATION_FAILURE,
    ]

    /// The state of the brokers: leaders that move, replicas that lag, disks, quotas.
    private static let cluster: [rd_kafka_resp_err_t] = [
        RD_KAFKA_RESP_ERR__ISR_INSUFF, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_STALE_CTRL_EPOCH,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS, RD_KAFKA_RESP_ERR_NOT_CONTROLLER,
        RD_KAFKA_RESP_ERR_INVALID_REQUEST, RD_KAFKA_RESP_ERR_OPERATION_NOT_ATTEMPTED,
        RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_LOG_DIR_NOT_FOUND,
        RD_KAFKA_RESP_ERR_REASSIGNMENT_IN_PROGRESS, RD_KAFKA_RESP_ERR_FETCH_SESSION_ID_NOT_FOUND,
        RD_KAFKA_RESP_ERR_INVALID_FETCH_SESSION_EPOCH, RD_KAFKA_RESP_ERR_LISTENER_NOT_FOUND,
        RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH, RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH,
        RD_KAFKA_RESP_ERR_STALE_BROKER_EPOCH, RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_PREFERRED_LEADER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_ELIGIBLE_LEADERS_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED,
    ]

    /// A coordinator that loads or moves, and a group that shares out its partitions anew.
    private static let group: [rd_kafka_resp_err_t] = [
        RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED, RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST,
        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
        RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
        RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
        RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RD_KAFKA_RESP_ERR_MEMBER_ID_REQUIRED,
    ]

    /// A producer that is spent, fenced or purged: a new one goes on where it stopped.
    private static let producerState: [rd_kafka_resp_err_t] = [
        RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT,
        RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR__INCONSISTENT,
        RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE, RD_KAFKA_RESP_ERR__FENCED,
        RD_KAFKA_RESP_ERR__STATE, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
        RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
        RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING,
        RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS,
        RD_KAFKA_RESP_ERR_TRANSACTION_COORDINATOR_FENCED, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID,
        RD_KAFKA_RESP_ERR_PRODUCER_FENCED,
    ]

    /// Refused, but perhaps not the next time: bytes hurt on the way, or strangers in the batch.
    private static let refused: [rd_kafka_resp_err_t] = [
        RD_KAFKA_RESP_ERR__INVALID_ARG, RD_KAFKA_RESP_ERR_INVALID_MSG,
        RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE,
    ]

    /// What no repetition makes acceptable.
    private static let refusedForEver: [rd_kafka_resp_err_t] = [
        RD_KAFKA_RESP_ERR__BAD_COMPRESSION, RD_KAFKA_RESP_ERR__KEY_SERIALIZATION,
        RD_KAFKA_RESP_ERR__VALUE_SERIALIZATION, RD_KAFKA_RESP_ERR__KEY_DESERIALIZATION,
        RD_KAFKA_RESP_ERR__VALUE_DESERIALIZATION, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE,
        RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP,
        RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT, RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
        RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, RD_KAFKA_RESP_ERR_INVALID_RECORD,
    ]

    /// The topic is not there or not ours, until a person changes that.
    private static let topic: [rd_kafka_resp_err_t] = [
        RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
    ]

    /// Answers to admin calls, news for consumers and mistakes of a caller.
    private static let noFate: [rd_kafka_resp_err_t] = [
        RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR__PARTITION_EOF,
        RD_KAFKA_RESP_ERR__UNKNOWN_GROUP, RD_KAFKA_RESP_ERR__EXISTING_SUBSCRIPTION,
        RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS, RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS,
        RD_KAFKA_RESP_ERR__CONFLICT, RD_KAFKA_RESP_ERR__UNKNOWN_PROTOCOL,
        RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, RD_KAFKA_RESP_ERR__NO_OFFSET,
        RD_KAFKA_RESP_ERR__READ_ONLY, RD_KAFKA_RESP_ERR__NOENT, RD_KAFKA_RESP_ERR__INVALID_TYPE,
        RD_KAFKA_RESP_ERR__NOT_CONFIGURED, RD_KAFKA_RESP_ERR__APPLICATION,
        RD_KAFKA_RESP_ERR__NOOP, RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET,
        RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE,
        RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL, RD_KAFKA_RESP_ERR_INVALID_GROUP_ID,
        RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT, RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE,
        RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, RD_KAFKA_RESP_ERR_INVALID_PARTITIONS,
        RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR,
        RD_KAFKA_RESP_ERR_INVALID_REPLICA_ASSIGNMENT, RD_KAFKA_RESP_ERR_INVALID_CONFIG,
        RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, RD_KAFKA_RESP_ERR_INVALID_PRINCIPAL_TYPE,
        RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP, RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND,
        RD_KAFKA_RESP_ERR_TOPIC_DELETION_DISABLED, RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED,
        RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, RD_KAFKA_RESP_ERR_ELECTION_NOT_NEEDED,
        RD_KAFKA_RESP_ERR_NO_REASSIGNMENT_IN_PROGRESS,
        RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC, RD_KAFKA_RESP_ERR_RESOURCE_NOT_FOUND,
        RD_KAFKA_RESP_ERR_DUPLICATE_RESOURCE, RD_KAFKA_RESP_ERR_UNACCEPTABLE_CREDENTIAL,
        RD_KAFKA_RESP_ERR_INCONSISTENT_VOTER_SET, RD_KAFKA_RESP_ERR_INVALID_UPDATE_VERSION,
        RD_KAFKA_RESP_ERR_FEATURE_UPDATE_FAILED,
    ]
}

extension publish_error {
    /// The number under which a batch keeps it.
    var code: Int32 { Int32(truncatingIfNeeded: Int(rawValue)) }
}
