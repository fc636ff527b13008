import Synchronization

/// What every log derived from one shares: the level, and where the lines go.
final class LogOutput: Sendable {
    private let minimumRank: Atomic<Int>
    private let format: LogFormat
    private let isJournal: Bool
    private let writeLine: @Sendable (String) -> Void

    init(
        level: LogLevel,
        format: LogFormat,
        isJournal: Bool,
        write: @escaping @Sendable (String) -> Void
    ) {
        minimumRank = Atomic(level.rank)
        self.format = format
        self.isJournal = isJournal
        writeLine = write
    }

    /// Written by whoever reloads the configuration, read by every line.
    var level: LogLevel {
        get { LogLevel.allCases[minimumRank.load(ordering: .relaxed)] }
        set { minimumRank.store(newValue.rank, ordering: .relaxed) }
    }

    func write(_ line: LogLine) {
        let text = line.text(format)
        writeLine(isJournal ? line.level.journalPrefix + text : text)
    }
}
