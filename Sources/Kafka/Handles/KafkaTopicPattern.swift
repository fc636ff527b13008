import CLibrdkafka
import Glibc

/// A regular expression for topics, read as librdkafka reads one that is subscribed to: POSIX,
/// extended.
package final class KafkaTopicPattern {
    private let expression: UnsafeMutablePointer<regex_t>

    /// Throws, in words, what makes the text no regular expression.
    package init(_ text: String) throws(KafkaError) {
        let compiled = UnsafeMutablePointer<regex_t>.allocate(capacity: 1)
        let code = regcomp(compiled, text, REG_EXTENDED | REG_NOSUB)
        guard code != 0 else {
            expression = compiled
            return
        }
        var reason = [CChar](repeating: 0, count: 128)
        regerror(code, compiled, &reason, reason.count)
        // Safety: a failed `regcomp` has freed all but the struct itself.
        compiled.deallocate()
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
