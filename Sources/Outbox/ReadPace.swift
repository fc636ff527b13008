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

    init(_ rule: PollRule) {
        longestPause = rule.max
    }

    mutating func note(_ yield: Yield, rows: Int, bytes: Int) {
        if rows > 0 { averageRowBytes = max(averageRowBytes / 2, bytes / rows, 64) }
        pause =
            switch yield {
            case .full: .zero
            case .some: Self.shortestPause
            case .nothing: min(max(pause * 1.5, Self.shortestPause), longestPause)
            }
    }

    /// How many rows to read when `budget` bytes may be held.
    func limit(budget: Int) -> Int {
        let bytes = min(budget / 8, Self.largestBatchBytes)
        return min(max(bytes / averageRowBytes, 1), Self.largestBatch)
    }
}
