/// What `postbox bench inbox` was asked for.
struct InboxBenchOptions: Sendable {
    /// Nil: as many as the broker is good for.
    var messages: Int?
    /// Of each payload, on average.
    var bytes = 200
    /// The program that keeps no promise, to be measured against.
    var floor: String?
    var broker = StageBroker.Choice.builtIn
    var lanes = 2
    /// How often each case is measured.
    var rounds = 2

    static let keys = 10_000
    /// How far sizes differ from their average, so that their sum tells messages apart.
    static let spread = 50
    /// The smallest average that leaves room for what each payload says.
    static let smallest = 100

    var messageCount: Int { messages ?? (isBuiltIn ? 200_000 : 1_000_000) }

    /// The built-in broker keeps 5 MB of each partition, and all has to be there from the start.
    var partitions: Int {
        guard isBuiltIn else { return 4 }
        let bytesOfAll = messageCount * (bytes + Self.spread + 200)
        return max(4, bytesOfAll / 3_000_000)
    }

    private var isBuiltIn: Bool {
        if case .builtIn = broker { true } else { false }
    }
}
