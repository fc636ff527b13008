import CLibrdkafka
import Glibc

/// A regular expression for topics, read as librdkafka reads one that is subscribed to: POSIX,
/// extended.
package final class KafkaTopicPattern {
    private let expression: UnsafeMutablePointer<regex_t>

    /// Throws, in words, what makes the text no regular expression.
    package init(_ text: String) throws(KafkaError) {
        expression = .allocate(capacity: 1)
        let code = regcomp(expression, text, REG_EXTENDED | REG_NOSUB)
        guard code != 0 else { return }
        var reason = [CChar](repeating: 0, count: 128)
        regerror(code, expression, &reason, reason.count)
        // Safety: a failed `regcomp` has freed all but the struct itself.
        expression.deallocate()
        throw .invalidArgument(String(nullTerminated: reason))
    }

    deinit {
        regfree(expression)
        expression.deallocate()
    }

    package func matches(_ topic: String) -> Bool {
        regexec(expression, topic, 0, nil, 0) == 0
    }
}
