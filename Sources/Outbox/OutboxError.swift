/// What keeps an outbox from working, beside what its database says.
enum OutboxError: Error, CustomStringConvertible {
    case noTable(String)
    /// Its rows cannot be told apart; what is wrong, and its remedy.
    case unusableID(table: String, problem: String)
    case fenced(epoch: Int64)

    var description: String {
        switch self {
        case .noTable(let name):
            "there is no table \(name): create it with `postbox migrate --apply`, or correct its name"
        case .unusableID(let table, let problem): "table \(table) cannot be published: \(problem)"
        case .fenced(let epoch): "another owner has taken the lane over from epoch \(epoch)"
        }
    }
}
