import Control
import Messaging

extension StatusReport {
    /// An inbox that is looked at counts once a second.
    private static let inboxPause = Duration.milliseconds(1_100)

    /// Whether the report is worth showing to somebody who began to ask so long before it.
    ///
    /// That is when everything was counted since, and for what cannot count in the end, too.
    package func isFresh(after time: Duration) -> Bool {
        lanes.allSatisfy { $0.isCounted(within: time) || time >= $0.patience }
            && (inboxes.isEmpty || time >= Self.inboxPause)
    }
}

extension LaneStatus {
    fileprivate func isCounted(within time: Duration) -> Bool {
        countedSecondsAgo.map { .seconds($0) < time } ?? false
    }

    /// How long its figures are waited for: one whose database is away will have none, any other
    /// will have them even if a count fails first.
    fileprivate var patience: Duration { state == .connecting ? .seconds(4) : .seconds(15) }
}
