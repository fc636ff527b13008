/// Which statements a session has prepared, by name.
struct PreparedStatements {
    private var prepared: Set<String> = []
    /// Still known to the server, but to be prepared anew.
    private var outdated: Set<String> = []

    func contains(_ name: String) -> Bool { prepared.contains(name) }

    func isOutdated(_ name: String) -> Bool { outdated.contains(name) }

    mutating func insert(_ name: String) {
        outdated.remove(name)
        prepared.insert(name)
    }

    /// Learns from an error that the server has lost the statement or its plan.
    mutating func forget(_ name: String, because state: SQLState) {
        guard state.isStaleStatement, prepared.remove(name) != nil else { return }
        if state.code != "26000" { outdated.insert(name) }
    }
}
