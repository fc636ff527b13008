import Settings

/// How long a topic keeps its messages, by its settings.
package enum TopicRetention: Equatable, CustomStringConvertible {
    case forever
    case limited(Duration)
    /// The brokers did not say.
    case unknown

    package init(_ settings: [String: String]) {
        let policy = settings["cleanup.policy"] ?? "delete"
        let milliseconds = settings["retention.ms"].flatMap { Int64($0) }
        switch milliseconds {
        case _ where !policy.contains("delete"): self = .forever
        case let count? where count < 0: self = .forever
        case let count?: self = .limited(.milliseconds(count))
        case nil: self = .unknown
        }
    }

    package func isLonger(than window: Duration) -> Bool {
        switch self {
        case .forever: true
        case .limited(let time): time > window
        case .unknown: false
        }
    }

    package var description: String {
        switch self {
        case .forever: "for ever"
        case .limited(let time): "for \(DurationText.text(time))"
        case .unknown: "for an unknown time"
        }
    }
}
