import Messaging

/// What `systemctl status` shows: the state of all lanes and inboxes in one
/// sentence.
struct StatusSentence: CustomStringConvertible {
    let lanes: [LaneStatus]
    let inboxes: [InboxStatus]

    var description: String {
        var parts = LaneStatus.State.inOrder.compactMap(count)
        parts += InboxStatus.State.inOrder.compactMap(count)
        let rate = lanes.reduce(0) { $0 + $1.rate } + inboxes.reduce(0) { $0 + $1.rate }
        parts.append("\(Int(rate.rounded())) messages/s")
        let backlog = lanes.compactMap(\.backlog)
        if !backlog.isEmpty { parts.append("backlog \(backlog.reduce(0, +))") }
        let lag = inboxes.flatMap(\.partitions).compactMap(\.lag)
        if !lag.isEmpty { parts.append("lag \(lag.reduce(0, +))") }
        let dead = (lanes.compactMap(\.deadLetters) + inboxes.compactMap(\.deadLetters))
            .reduce(0, +)
        if dead > 0 { parts.append("\(dead) dead letters") }
        return parts.joined(separator: ", ")
    }

    private func count(in state: LaneStatus.State) -> String? {
        let count = lanes.count { $0.state == state }
        guard count > 0 else { return nil }
        return "\(count) \(count == 1 ? "lane" : "lanes") \(state.rawValue)"
    }

    private func count(in state: InboxStatus.State) -> String? {
        let count = inboxes.count { $0.state == state }
        guard count > 0 else { return nil }
        return "\(count) \(count == 1 ? "inbox" : "inboxes") \(state.rawValue)"
    }
}

extension LaneStatus.State {
    fileprivate static let inOrder: [Self] = [
        .publishing, .standby, .draining, .connecting, .unreachable, .stopped,
    ]
}

extension InboxStatus.State {
    fileprivate static let inOrder: [Self] = [
        .consuming, .standby, .joining, .draining, .connecting, .unreachable, .stopped,
    ]
}
