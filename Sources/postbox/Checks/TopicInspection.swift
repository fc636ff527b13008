import Kafka
import Messaging
import Settings

/// Looks at topics that the configuration names.
struct TopicInspection {
    /// The key of the outbox or inbox.
    let path: String
    let admin: KafkaAdmin
    let broker: KafkaBrokerLimits

    /// Returns whether the topic is there.
    func inspect(_ topic: String, _ path: String, _ report: inout CheckReport) -> Bool {
        do throws(KafkaError) {
            guard let found = try admin.metadata(of: topic).topics.first else { return false }
            switch found.error {
            case nil:
                let count = counted(found.partitionCount, "partition")
                report.note("topic \(topic): \(count)")
                return true
            case let error? where error.isTopicProblem && broker.createsTopics:
                let text = "topic \(topic) does not exist; the brokers will make it as they please"
                report.add(.warning, at: path, text)
            case let error?: report.add(.problem, at: path, "topic \(topic): \(error)")
            }
        } catch {
            report.add(.problem, at: path, "topic \(topic): \(error)")
        }
        return false
    }

    /// Looks at the topics that an inbox reads, and at how long they keep their messages.
    func inspectSources(
        of inbox: InboxDefinition,
        _ metadata: KafkaMetadata,
        _ report: inout CheckReport
    ) {
        for (index, topic) in inbox.topics.enumerated() {
            let key = "\(path).topics[\(index)]"
            let found =
                topic.hasPrefix("^")
                ? matches(of: topic, metadata, key, &report)
                : inspect(topic, key, &report) ? [topic] : []
            for topic in found where broker.unreadable == nil {
                compareRetention(of: topic, with: inbox.dedup, &report)
            }
        }
    }

    private func matches(
        of text: String,
        _ metadata: KafkaMetadata,
        _ key: String,
        _ report: inout CheckReport
    ) -> [String] {
        do throws(KafkaError) {
            let pattern = try KafkaTopicPattern(text)
            let names = metadata.topics.map(\.name).filter(pattern.matches).sorted()
            if names.isEmpty {
                report.add(.warning, at: key, "matches no topic that there is now")
            } else {
                report.note("topics \(text): \(names.joined(separator: ", "))")
            }
            return names
        } catch {
            report.add(.problem, at: key, "is no regular expression: \(error.reason)")
            return []
        }
    }

    /// What a topic keeps for longer than ids are known may be applied twice, or not at all.
    private func compareRetention(
        of topic: String,
        with rule: DedupRule,
        _ report: inout CheckReport
    ) {
        guard rule.mode == .id, !rule.allowsShortWindow else { return }
        do throws(KafkaError) {
            let retention = TopicRetention(try admin.settings(ofTopic: topic))
            guard retention.isLonger(than: rule.window) else { return }
            let text = """
                topic \(topic) keeps messages \(retention), and ids are known for \
                \(DurationText.text(rule.window)) only: give a longer window, or allow it with \
                allow_short_window: true
                """
            report.add(.problem, at: "\(path).dedup.window", text)
        } catch {
            let text = "the retention of topic \(topic) cannot be read: \(error)"
            report.add(.warning, at: "\(path).dedup.window", text)
        }
    }
}
