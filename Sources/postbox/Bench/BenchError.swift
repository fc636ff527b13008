import Threads

/// Why a benchmark has no figure to print.
enum BenchError: Error, CustomStringConvertible {
    /// The run has lost, invented or swapped something, or has left something behind.
    case incorrect(String, DeliveryVerdict, leftInTable: Int)
    case floorFailed(ExitStatus?, said: String)
    case noFloor(String)
    case notFilled(String)
    /// Nothing was applied any more.
    case stuck(String, at: Int, of: Int)
    case wrongAccounts(String, Int)

    var description: String {
        switch self {
        case .incorrect(let run, let verdict, let left):
            "\(run): no figure, for the run is not correct: \(verdict), \(left) left in the table"
        case .floorFailed(let status, let said):
            "the floor program: \(status.map { "\($0)" } ?? "no end"): \(said)"
        case .notFilled(let topic): "the topic \(topic) could not be filled"
        case .stuck(let run, let reached, let all):
            "\(run): no figure, for nothing is applied any more after \(reached) of \(all) messages"
        case .wrongAccounts(let run, let wrong):
            "\(run): no figure, for the run is not correct: \(wrong) keys have a wrong sum"
        case .noFloor(let path): "--floor: there is no program \(path)"
        }
    }
}
