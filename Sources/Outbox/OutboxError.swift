/// What keeps an outbox from working, beside what its database says.
enum OutboxError: Error, CustomStringConvertible {
    case noTable(String)
    case fenced(epoch: Int64)

    var description: String {
        switch self {
        case .noTable(let name):
            "there is no table \(name): create it with `postbox migrate --apply`, or correct its name"
        case .fenced(let epoch): "another owner has taken the lane over from epoch \(epoch)"
        }
    }
}
