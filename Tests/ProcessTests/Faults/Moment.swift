import TestKit

/// When a running daemon is struck: by chance, but never by a guess of how fast it is.
enum Moment: Sendable {
    /// So long after its start, whatever it has come to.
    case early(Duration)
    /// When so many more messages have arrived.
    case messages(Int)

    static func random(using generator: inout some RandomNumberGenerator) -> Moment {
        Int.random(in: 0..<4, using: &generator) == 0
            ? .early(.milliseconds(Int.random(in: 5...150, using: &generator)))
            : .messages(Int.random(in: 1...1_200, using: &generator))
    }

    /// Waits until it has come; false when it does not.
    func comes(to reader: TopicReader) async -> Bool {
        switch self {
        case .early(let time):
            return await blocking {
                pass(time)
                return true
            }
        case .messages(let count):
            return await reader.has(distinct: reader.distinctCount + count)
        }
    }
}
