import Messaging

/// Tables that are mapped by one word.
enum OutboxPreset: String, CaseIterable {
    /// Made for Debezium's outbox event router.
    case debezium

    var columns: OutboxColumns {
        switch self {
        case .debezium: .debezium
        }
    }
}
