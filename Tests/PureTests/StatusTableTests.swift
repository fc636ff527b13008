import Control
import Messaging
import Testing
import postbox

/// What `postbox status` looks like, as golden text.
struct StatusTableTests {
    private func report(_ lanes: [LaneStatus]) -> StatusReport {
        StatusReport(
            instance: "relay-a",
            version: "0.1.0",
            pid: 4711,
            uptimeSeconds: 11_520,
            residentBytes: 29_800_000,
            cpuPercent: 2.14,
            lanes: lanes
        )
    }

    private var busy: LaneStatus {
        var lane = LaneStatus(outbox: "shop", lane: 0)
        lane.state = .publishing
        lane.owner = "relay-a"
        lane.backlog = 1_234_567
        lane.backlogIsEstimate = true
        lane.oldestAgeSeconds = 192
        lane.rate = 82_140
        lane.latencyP50Milliseconds = 2.1
        lane.latencyP99Milliseconds = 8.74
        lane.inFlight = 4000
        lane.deadLetters = 2
        lane.held = 14
        return lane
    }

    private var unreachable: LaneStatus {
        var lane = LaneStatus(outbox: "invoices", lane: 11)
        lane.state = .unreachable
        lane.lastError = "Kafka main cannot be reached\u{1B}[2J"
        return lane
    }

    @Test func `each lane is a row, and errors stand below`() {
        let text = StatusTable(report([busy, unreachable])).lines.joined(separator: "\n")
        #expect(
            text == """
                postbox 0.1.0, instance relay-a, pid 4711, up 3h 12m, 28.4 MiB, 2.1 % of a core

                OUTBOX    LANE  STATE        OWNER    BACKLOG  OLDEST      RATE     P50     P99  \
                IN FLIGHT  DEAD  HELD
                shop         0  publishing   relay-a   ~1.2 M  3m 12s  82,140/s  2.1 ms  8.7 ms  \
                    4,000     2    14
                invoices    11  unreachable  -              -       -       0/s       -       -  \
                        0     -     -

                invoices 11: Kafka main cannot be reached\\u{1B}[2J
                """
        )
    }

    private var inboxes: [InboxStatus] {
        var delivery = InboxStatus(inbox: "delivery", group: "delivery")
        delivery.state = .consuming
        var late = InboxPartitionStatus(topic: "product.events", partition: 1, position: 4_000)
        late.end = 5_500
        late.lagSeconds = 12.4
        var halted = InboxPartitionStatus(topic: "product.events", partition: 0, position: 7)
        halted.end = 7
        halted.problem = "offset 7 is not there"
        delivery.partitions = [late, halted]
        delivery.rate = 1_500
        delivery.appliedTotal = 1_234_567
        delivery.duplicatesTotal = 12
        delivery.deadLetters = 1
        delivery.held = 3
        var billing = InboxStatus(inbox: "billing", group: "billing")
        billing.lastError = "Kafka main cannot be reached"
        billing.partitions = []
        return [delivery, billing]
    }

    @Test func `each inbox is a row, each partition another where asked for`() {
        var report = report([])
        report.inboxes = inboxes
        let text = StatusTable(report, partitions: true).lines.joined(separator: "\n")
        #expect(
            text == """
                postbox 0.1.0, instance relay-a, pid 4711, up 3h 12m, 28.4 MiB, 2.1 % of a core

                INBOX     STATE       PARTITIONS    LAG  BEHIND     RATE  APPLIED  REPEATS  LATE  \
                DEAD  HELD
                delivery  consuming            2  1,500     12s  1,500/s    1.2 M       12     0  \
                   1     3
                billing   connecting           0      -       -      0/s        0        0     0  \
                   -     -

                INBOX     TOPIC           PARTITION  POSITION   END    LAG  BEHIND
                delivery  product.events          0         7     7      0       -
                delivery  product.events          1      4000  5500  1,500     12s

                delivery product.events/0: offset 7 is not there
                billing: Kafka main cannot be reached
                """
        )
    }

    @Test func `a daemon that knows little says little`() {
        let report = StatusReport(
            instance: "a",
            version: "0.1.0",
            pid: 1,
            uptimeSeconds: 0,
            lanes: []
        )
        #expect(
            StatusTable(report).lines == [
                "postbox 0.1.0, instance a, pid 1, up 0s", "",
                "OUTBOX  LANE  STATE  OWNER  BACKLOG  OLDEST  RATE  P50  P99  IN FLIGHT  DEAD  HELD",
            ]
        )
    }
}
