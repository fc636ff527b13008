package import Control
import Messaging

/// What `postbox status` prints: the daemon in one line, its lanes and its inboxes as tables, and
/// below them what went wrong last.
package struct StatusTable {
    private let report: StatusReport
    private let showsPartitions: Bool

    /// With `partitions`, each partition of an inbox gets a row as well.
    package init(_ report: StatusReport, partitions: Bool = false) {
        self.report = report
        showsPartitions = partitions
    }

    package var lines: [String] {
        let inboxes = InboxTable(report.inboxes)
        var parts = [[daemon]]
        if !report.lanes.isEmpty || report.inboxes.isEmpty { parts.append(lanes) }
        if !report.inboxes.isEmpty { parts.append(inboxes.lines) }
        if showsPartitions { parts.append(inboxes.partitionLines) }
        parts.append(laneErrors + inboxes.errors)
        return Array(parts.filter { !$0.isEmpty }.joined(separator: [""]))
    }

    private var laneErrors: [String] {
        report.lanes.compactMap { lane in
            lane.lastError.map { "\(lane.outbox) \(lane.lane): \($0)".printable }
        }
    }

    private var daemon: String {
        var facts = [
            "postbox \(report.version)", "instance \(report.instance)".printable,
            "pid \(report.pid)", "up \(HumanUnits.span(seconds: report.uptimeSeconds))",
        ]
        if let bytes = report.residentBytes { facts.append(HumanUnits.bytes(bytes)) }
        if let percent = report.cpuPercent {
            facts.append("\(HumanUnits.percent(percent)) of a core")
        }
        return facts.joined(separator: ", ")
    }

    private var lanes: [String] {
        var table = TextTable([
            "OUTBOX", .right("LANE"), "STATE", "OWNER", .right("BACKLOG"), .right("OLDEST"),
            .right("RATE"), .right("P50"), .right("P99"), .right("IN FLIGHT"), .right("DEAD"),
            .right("HELD"),
        ])
        for lane in report.lanes { table.append(Self.cells(of: lane).map { $0 ?? "-" }) }
        return table.lines()
    }

    private static func cells(of lane: LaneStatus) -> [String?] {
        [
            lane.outbox, String(lane.lane), lane.state.rawValue, lane.owner,
            lane.backlog.map { (lane.backlogIsEstimate ? "~" : "") + HumanUnits.count($0) },
            lane.oldestAgeSeconds.map(HumanUnits.span(seconds:)),
            HumanUnits.rate(lane.rate),
            lane.latencyP50Milliseconds.map(HumanUnits.latency(milliseconds:)),
            lane.latencyP99Milliseconds.map(HumanUnits.latency(milliseconds:)),
            HumanUnits.count(Int64(lane.inFlight)),
            lane.deadLetters.map(HumanUnits.count), lane.held.map(HumanUnits.count),
        ]
    }
}
