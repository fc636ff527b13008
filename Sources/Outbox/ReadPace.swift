import Messaging

/// How soon and how much is read next: at once and much under load, rarely and little when idle.
struct ReadPace {
    /// What a read brought, as far as the pace is concerned.
    enum Yield {
        case full, some, nothing
    }

    /// Rows of one read.
    ///
    /// A batch is spread over partitions: fewer rows make small requests, which cost Kafka and us
    /// more for each message.
    static let largestBatch = 4000
    /// Bytes of one read, as far as the rows before tell: large rows make full requests by themselves.
    private static let largestBatchBytes = 2 << 20
    /// Rows that may be on their way before no more are read.
    ///
    /// A crash repeats as many at most, and those of the read beside them.
    static let inFlightLimit = 3 * largestBatch
    private static let shortestPause = Duration.milliseconds(1)

    private let longestPause: Duration
    private(set) var pause = Duration.zero
    private(set) var averageRowBytes = 256
    /// The largest row that was published lately.
    private var largestRowBytes = 0
    /// Rows up to this size may be lent without knowing how many of them there are.
    private static let lentBlindly = 16 << 10

    init(_ rule: PollRule) {
        longestPause = rule.max
    }

    mutating func note(_ yield: Yield, rows: Int, bytes: Int, largest: Int = 0) {
        if rows > 0 { averageRowBytes = max(averageRowBytes / 2, bytes / rows, 64) }
        largestRowBytes = max(largestRowBytes / 2, largest)
        pause =
            switch yield {
            case .full: .zero
            case .some: Self.shortestPause
            case .nothing: min(max(pause * 1.5, Self.shortestPause), longestPause)
            }
    }

    /// Somebody said that there is something to read.
    mutating func wake() {
        pause = .zero
    }

    /// How many rows to read when `budget` bytes may be held: so few that such as came lately are lent.
    func limit(budget: Int) -> Int {
        let bytes = min(budget / 8, Self.largestBatchBytes)
        let largest = max(min(largestRowBytes, Self.lentBlindly), 1)
        return min(max(min(bytes / averageRowBytes, budget / 8 / largest), 1), Self.largestBatch)
    }

    /// How large a row may be to be lent when so many are read: whatever they are, they fit.
    func lent(limit: Int, budget: Int) -> Int {
        min(Self.lentBlindly, budget / 8 / limit)
    }
}

/// How the next read brings rows that were too large to be lent blindly.
struct LargeRead: Equatable {
    /// Of the read that met them: another kind might not.
    let kind: PendingRead.Kind
    let limit: Int
    /// The largest of them.
    let lent: Int

    /// As many of the next rows, by their sizes, as fit even if others come between them; one at
    /// least.
    init(of kind: PendingRead.Kind, _ sizes: [Int], budget: Int) {
        self.kind = kind
        var (count, largest) = (0, 0)
        for size in sizes {
            guard count == 0 || max(largest, size) * (count + 1) <= budget else { break }
            largest = max(largest, size)
            count += 1
        }
        (limit, lent) = (max(count, 1), largest)
    }
}
