import Kafka

/// What the brokers let pass; read from the first one that tells.
struct KafkaBrokerLimits {
    let maxBytes: Int?
    let createsTopics: Bool
    /// Why nothing is known.
    let unreadable: KafkaError?

    init(_ admin: KafkaAdmin, _ brokers: [KafkaMetadata.Broker]) {
        var failure: KafkaError?
        for broker in brokers {
            do throws(KafkaError) {
                let settings = try admin.settings(ofBroker: broker.id, within: .seconds(5))
                maxBytes = settings["message.max.bytes"].flatMap { Int($0) }
                createsTopics = settings["auto.create.topics.enable"] == "true"
                unreadable = nil
                return
            } catch {
                failure = error
            }
        }
        maxBytes = nil
        createsTopics = false
        unreadable = failure
    }
}
