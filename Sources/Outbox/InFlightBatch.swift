import Kafka
import Messaging
import Threads

/// A batch between the database and Kafka.
final class InFlightBatch {
    let batch: KafkaPublishBatch
    /// The producer that counts its reports.
    let producer: KafkaProducer
    /// From when on its rows may have been visible: the last look that saw all there was.
    let visibleSince: MonotonicTime
    let readAt: MonotonicTime
    /// When its last report came; meaningful once it is reported.
    var reportedAt = MonotonicTime.now
    var isReported = false
    var isSettling = false

    init(
        _ batch: KafkaPublishBatch,
        producer: KafkaProducer,
        visibleSince: MonotonicTime,
        readAt: MonotonicTime
    ) {
        self.batch = batch
        self.producer = producer
        self.visibleSince = visibleSince
        self.readAt = readAt
    }
}

/// What the database has still to answer.
enum ExpectedAnswer {
    case rows(PendingRead)
    /// Messages were numbered.
    case intake
    /// One statement of a settlement; it says whether the lane is still ours.
    case settlement
    /// The end of a stretch: with it, these batches are settled for good.
    case sync([InFlightBatch])
}

/// A read on its way.
struct PendingRead {
    enum Kind {
        case ahead, gaps, sweep, due
    }

    let kind: Kind
    let limit: Int
    /// Larger rows are not lent.
    let lent: Int
    /// Where the ledger was when it was sent: its cursor, and how often it had looked at the writers.
    let cursor: Int64
    let look: Int
    let sentAt: MonotonicTime
}

/// A failure that is being waited out: nothing is read until all reports are there.
struct Recovery {
    var reason: String
    var since = MonotonicTime.now
    /// Where to read again from.
    var rewind: Int64?
    /// Up to which id a refusal may concern one message rather than all.
    var suspectUpTo: Int64?
    var isUnreachable = false
    var isStop = false
    var hasPurged = false

    /// What people see of it.
    var state: LaneStatus.State {
        isStop ? .stopped : isUnreachable ? .unreachable : .publishing
    }
}

/// When the rarer steps are due.
struct LaneSchedule {
    var nextRead = MonotonicTime.now
    var nextTending = MonotonicTime.now
    var nextParked = MonotonicTime.now
    var nextWriters = MonotonicTime.now
    var nextHeld = MonotonicTime.now + .seconds(2)
    /// Until when no parked message is tried, for one could not be sent.
    var parkedPause = MonotonicTime.now
    var nextSweep = MonotonicTime.now + .seconds(10)
    var nextDue = MonotonicTime.now
    var nextProbe = MonotonicTime.now
    var nextStatus = MonotonicTime.now
    /// The last look that saw all there was.
    var caughtUpAt = MonotonicTime.now
    /// Whether the last look ahead found nothing.
    var isIdle = false
    /// Consecutive rounds in which a parked message could not be sent.
    var parkedFailures = 0
    /// Consecutive recoveries without an acknowledgement.
    var failures = 0
    /// How many records were acknowledged when the last trouble began.
    var acknowledgedBefore = 0
    /// Since when no broker can be reached.
    var unreachableSince: MonotonicTime?
    /// Since when keys wait to be freed.
    var freeingSince: MonotonicTime?
}
