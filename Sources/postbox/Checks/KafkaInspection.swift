import Daemon
import Kafka
import Messaging
import Settings

/// Looks whether the clusters are ready for the outboxes and inboxes of a configuration.
struct KafkaInspection {
    let settings: Settings
    let connections: Connections

    func inspect(into report: inout CheckReport) {
        for name in settings.kafka.keys.sorted() {
            let complaint = KafkaComplaint()
            do throws(KafkaError) {
                let admin = try KafkaAdmin(connections.cluster(name)) { complaint.hear($0) }
                let metadata = try admin.metadata()
                report.note("kafka \(name): \(counted(metadata.brokers.count, "broker"))")
                let limits = KafkaBrokerLimits(admin, metadata.brokers)
                inspect(name, limits, admin, &report)
                inspectInboxes(name, metadata, limits, admin, &report)
            } catch {
                let reason = complaint.text.map { ": \($0)" } ?? ""
                report.add(.problem, at: "kafka.\(name).brokers", "\(error)\(reason)")
            }
        }
    }

    private func inspect(
        _ cluster: String,
        _ broker: KafkaBrokerLimits,
        _ admin: KafkaAdmin,
        _ report: inout CheckReport
    ) {
        if let reason = broker.unreadable {
            let text = "the brokers' settings cannot be read, limits are not checked: \(reason)"
            report.add(.warning, at: "kafka.\(cluster).brokers", text)
        }
        let own = RecordLimits(settings.kafka[cluster])
        for (index, outbox) in settings.outboxes.enumerated() where outbox.kafka == cluster {
            let path = "outboxes[\(index)].topic"
            guard let topic = outbox.topic?.fixedTopic else {
                let key = "kafka.\(cluster).properties"
                own.compare(with: broker.maxBytes, of: "the brokers", key, &report)
                continue
            }
            let topics = TopicInspection(path: path, admin: admin, broker: broker)
            let exists = topics.inspect(topic, path, &report)
            guard exists, broker.unreadable == nil else { continue }
            compare(own, with: topic, admin, path, &report)
        }
    }

    private func compare(
        _ own: RecordLimits,
        with topic: String,
        _ admin: KafkaAdmin,
        _ path: String,
        _ report: inout CheckReport
    ) {
        do throws(KafkaError) {
            let limit = try admin.settings(ofTopic: topic)["max.message.bytes"].flatMap { Int($0) }
            own.compare(with: limit, of: "topic \(topic)", path, &report)
        } catch {
            let text = "the settings of topic \(topic) cannot be read: \(error)"
            report.add(.warning, at: path, text)
        }
    }

    private func inspectInboxes(
        _ cluster: String,
        _ metadata: KafkaMetadata,
        _ broker: KafkaBrokerLimits,
        _ admin: KafkaAdmin,
        _ report: inout CheckReport
    ) {
        for (index, inbox) in settings.inboxes.enumerated() where inbox.kafka == cluster {
            let path = "inboxes[\(index)]"
            let topics = TopicInspection(path: path, admin: admin, broker: broker)
            topics.inspectSources(of: inbox, metadata, &report)
            guard let topic = inbox.deadLetterTopic else { continue }
            let key = "\(path).dead_letter_topic"
            let exists = topics.inspect(topic, key, &report)
            guard exists, broker.unreadable == nil else { continue }
            compare(RecordLimits(settings.kafka[cluster]), with: topic, admin, key, &report)
        }
    }
}

/// A number of things, in words.
func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
}
