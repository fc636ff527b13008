/// An error that librdkafka or a broker reported, or that a client of ours made up.
///
/// Callers ask for facts, never for codes; what follows from the facts is decided elsewhere.
package struct KafkaError: Error, Hashable, Sendable {
    /// librdkafka's code: negative for its own errors, positive for a broker's, at most -10000 for
    /// those of our shim.
    package let code: Int32
    /// The code's name in librdkafka, for example `_TRANSPORT` or `MSG_SIZE_TOO_LARGE`.
    package let name: String
    /// What went wrong, in words, without any payload or secret.
    package let reason: String

    /// An error with its code's own words, or with more precise ones.
    package init(code: Int32, reason: String? = nil) {
        self.code = code
        name = KafkaErrorTable.name(of: code)
        self.reason = reason ?? KafkaErrorTable.reason(of: code)
    }
}

extension KafkaError {
    /// Whether it is the environment's fault: no attempt is used, the same will work later.
    ///
    /// A code that nobody knows is the environment's: to wait is safe, to give up a message is not.
    package var isUnreachable: Bool { facts.contains(.unreachable) }

    /// Whether this message, or its topic, was refused: an attempt is used.
    package var isRejection: Bool { facts.contains(.rejection) }

    /// Whether the same message will be refused again, however often it is tried.
    package var isPermanentRejection: Bool { facts.contains(.permanent) }

    /// Whether the refusal concerns every message of the topic, not this one alone.
    package var isTopicProblem: Bool { facts.contains(.topic) }

    private var facts: KafkaErrorFacts { KafkaErrorTable.facts(of: code) }
}

extension KafkaError: CustomStringConvertible {
    package var description: String { "\(reason) (\(name))" }
}
