import Threads

/// Why a benchmark has no figure to print.
enum BenchError: Error, CustomStringConvertible {
    /// The run has lost, invented or swapped something, or has left something behind.
    case incorrect(String, DeliveryVerdict, leftInTable: Int)
    case floorFailed(ExitStatus?, said: String)
    case noFloor(String)

    var description: String {
        switch self {
        case .incorrect(let run, let verdict, let left):
            "\(run): no figure, for the run is not correct: \(verdict), \(left) left in the table"
        case .floorFailed(let status, let said):
            "the floor program: \(status.map { "\($0)" } ?? "no end"): \(said)"
        case .noFloor(let path): "--floor: there is no program \(path)"
        }
    }
}
