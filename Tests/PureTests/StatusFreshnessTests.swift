import Control
import Messaging
import Testing
import postbox

/// When `postbox status` stops asking.
struct StatusFreshnessTests {
    private func report(
        _ state: LaneStatus.State,
        countedSecondsAgo: Double?,
        inboxes: [InboxStatus] = []
    ) -> StatusReport {
        var lane = LaneStatus(outbox: "shop", lane: 0)
        lane.state = state
        lane.countedSecondsAgo = countedSecondsAgo
        return StatusReport(
            instance: "a",
            version: "0.1.0",
            pid: 1,
            uptimeSeconds: 1,
            residentBytes: 1,
            cpuPercent: 0,
            lanes: [lane],
            inboxes: inboxes
        )
    }

    @Test func `only what was counted after the question is fresh`() {
        let counted = report(.publishing, countedSecondsAgo: 0.5)
        #expect(!counted.isFresh(after: .milliseconds(500)))
        #expect(counted.isFresh(after: .milliseconds(501)))
    }

    @Test(arguments: [nil, 100.0])
    func `a lane without a database is waited for a moment only, any other longer`(age: Double?) {
        #expect(report(.connecting, countedSecondsAgo: age).isFresh(after: .seconds(4)))
        #expect(!report(.connecting, countedSecondsAgo: age).isFresh(after: .seconds(3)))
        #expect(!report(.unreachable, countedSecondsAgo: age).isFresh(after: .seconds(14)))
        #expect(report(.unreachable, countedSecondsAgo: age).isFresh(after: .seconds(15)))
    }

    @Test func `an inbox has counted when its pause is over`() {
        let inbox = InboxStatus(inbox: "bank", group: "bank")
        let both = report(.publishing, countedSecondsAgo: 0, inboxes: [inbox])
        #expect(!both.isFresh(after: .seconds(1)))
        #expect(both.isFresh(after: .seconds(2)))
    }
}
