/// What was sent in a pipeline and not answered yet, in order.
struct PipelineLedger {
    enum Entry {
        case statement(name: String)
        case sync
    }

    private var entries: [Entry] = []
    private var head = 0

    /// The result of the first entry was taken; libpq marks its end with one null result.
    var hasResultOfFirst = false

    var first: Entry? { head < entries.count ? entries[head] : nil }
    var isEmpty: Bool { first == nil }

    mutating func append(_ entry: Entry) {
        entries.append(entry)
    }

    mutating func removeFirst() {
        hasResultOfFirst = false
        head += 1
        guard head == entries.count || head >= 1024 else { return }
        entries.removeFirst(head)
        head = 0
    }

    mutating func removeAll() {
        self = PipelineLedger()
    }
}
