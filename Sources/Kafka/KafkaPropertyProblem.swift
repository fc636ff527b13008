/// A property of the user's that cannot stand, and why.
package struct KafkaPropertyProblem: Sendable, Hashable, CustomStringConvertible {
    /// The property's name as the user wrote it.
    package let property: String
    /// Why it is refused, without the value of a secret property.
    package let reason: String
    /// The nearest name that librdkafka knows, where the name itself is unknown.
    package let nearest: String?

    package init(property: String, reason: String, nearest: String? = nil) {
        self.property = property
        self.reason = reason
        self.nearest = nearest
    }

    package var description: String {
        "\(property): \(reason)" + (nearest.map { ", did you mean `\($0)`?" } ?? "")
    }
}
