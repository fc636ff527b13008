import Daemon
import Kafka
import Messaging
import Settings

/// Looks whether the clusters are ready for the outboxes of a configuration.
struct KafkaInspection {
    let settings: Settings
    let connections: Connections

    func inspect(into report: inout CheckReport) {
        for name in settings.kafka.keys.sorted() {
            let complaint = KafkaComplaint()
            do throws(KafkaError) {
                let admin = try KafkaAdmin(connections.cluster(name)) { complaint.hear($0) }
                let brokers = try admin.metadata().brokers
                report.note("kafka \(name): \(counted(brokers.count, "broker"))")
                inspect(name, KafkaBrokerLimits(admin, brokers), admin, &report)
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
            let exists = inspect(topic, broker, admin, path, &report)
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

    /// Returns whether the topic is there.
    private func inspect(
        _ topic: String,
        _ broker: KafkaBrokerLimits,
        _ admin: KafkaAdmin,
        _ path: String,
        _ report: inout CheckReport
    ) -> Bool {
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

    private func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
