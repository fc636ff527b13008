import Messaging

/// What `systemctl status` shows: the state of all lanes in one sentence.
struct StatusSentence: CustomStringConvertible {
    let lanes: [LaneStatus]

    var description: String {
        var parts = LaneStatus.State.inOrder.compactMap(count)
        let rate = lanes.reduce(0) { $0 + $1.rate }
        parts.append("\(Int(rate.rounded())) messages/s")
        let backlog = lanes.compactMap(\.backlog)
        if !backlog.isEmpty { parts.append("backlog \(backlog.reduce(0, +))") }
        let dead = lanes.compactMap(\.deadLetters).reduce(0, +)
        if dead > 0 { parts.append("\(dead) dead letters") }
        return parts.joined(separator: ", ")
    }

    private func count(in state: LaneStatus.State) -> String? {
        let count = lanes.count { $0.state == state }
        guard count > 0 else { return nil }
        return "\(count) \(count == 1 ? "lane" : "lanes") \(state.rawValue)"
    }
}

extension LaneStatus.State {
    fileprivate static let inOrder: [Self] = [
        .publishing, .standby, .draining, .connecting, .unreachable, .stopped,
    ]
}
