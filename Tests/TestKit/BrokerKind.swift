import Glibc
import Kafka

/// The brokers that a promise can be tested on; the argument of a test that runs on each.
package enum BrokerKind: String, Sendable, CustomStringConvertible {
    case builtIn
    case kafka

    /// Every kind there is on this machine: the built-in one always, Kafka where it is found.
    package static var available: [BrokerKind] {
        givenServers != nil || KafkaPrivateBroker.findHome() != nil
            ? [.builtIn, .kafka] : [.builtIn]
    }

    /// Those that a test may stop: without a Kafka that is only given to us.
    package static var stoppable: [BrokerKind] {
        KafkaPrivateBroker.findHome() != nil ? [.builtIn, .kafka] : [.builtIn]
    }

    package var description: String {
        switch self {
        case .builtIn: "librdkafka's built-in broker"
        case .kafka: "Apache Kafka"
        }
    }

    /// A broker for a test that leaves it running.
    ///
    /// The built-in one is new; Kafka is shared by all tests, so each makes topics of its own.
    package func broker(suite: String = #fileID) throws -> TestBroker {
        BrokerUse.note(self, by: suite)
        if self == .builtIn { return .builtIn(try MockBroker()) }
        if let servers = Self.givenServers { return .given(bootstrapServers: servers) }
        guard let shared = try TestServers.kafka() else { throw BrokerMissing() }
        return .started(shared)
    }

    /// A broker of the test's own, which it may stop and start.
    package func ownBroker(suite: String = #fileID) throws -> TestBroker {
        BrokerUse.note(self, by: suite)
        if self == .builtIn { return .builtIn(try MockBroker()) }
        guard let home = KafkaPrivateBroker.findHome() else { throw BrokerMissing() }
        return .started(try KafkaPrivateBroker(home: home))
    }

    /// `host:port` of a running Kafka that the tests may write to.
    private static var givenServers: String? {
        getenv("POSTBOX_TEST_KAFKA").map { String(cString: $0) }
    }
}

/// A test asked for Kafka where `available` did not offer it.
package struct BrokerMissing: Error, CustomStringConvertible {
    package var description: String { "there is no Kafka here: set POSTBOX_TEST_KAFKA_HOME" }
}
