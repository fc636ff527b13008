package import Messaging

/// What the daemon says about itself: the one shape that server, command line and tests share.
package struct StatusReport: Sendable, Hashable, Codable {
    package var instance: String
    package var version: String
    package var pid: Int32
    package var uptimeSeconds: Double
    /// Resident memory of the daemon; nil when it is not known.
    package var residentBytes: Int64?
    /// Share of one core over the last seconds; nil when it is not known.
    package var cpuPercent: Double?
    /// Every lane of every outbox, this instance's and those it stands by for.
    package var lanes: [LaneStatus]
    package var inboxes: [InboxStatus]

    package init(
        instance: String,
        version: String,
        pid: Int32,
        uptimeSeconds: Double,
        residentBytes: Int64? = nil,
        cpuPercent: Double? = nil,
        lanes: [LaneStatus],
        inboxes: [InboxStatus] = []
    ) {
        self.instance = instance
        self.version = version
        self.pid = pid
        self.uptimeSeconds = uptimeSeconds
        self.residentBytes = residentBytes
        self.cpuPercent = cpuPercent
        self.lanes = lanes
        self.inboxes = inboxes
    }
}
