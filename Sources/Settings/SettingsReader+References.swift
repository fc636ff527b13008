import Messaging

/// Values that outboxes and inboxes have alike.
extension SettingsReader {
    /// The name of something that must be among the known ones.
    func reference(_ name: String, among known: [String]) -> String? {
        guard let wanted = self.name(name) else { return nil }
        // With none at all, that is the problem, and it is reported already.
        if !known.contains(wanted) && !known.isEmpty {
            let nearest = NearestName.find(wanted, among: known)
            let names = nearest == nil ? "; there is \(known.joined(separator: ", "))" : ""
            report(name, "refers to something that is not there\(names)", suggestion: nearest)
        }
        return wanted
    }

    /// The Kafka cluster, which may be left out where there is only one.
    func cluster(among known: [String]) -> String? {
        if has("kafka") { return reference("kafka", among: known) }
        if known.count > 1 {
            report("kafka", "is missing: there is more than one, \(Self.oneOf(known))")
        }
        return known.first
    }

    /// The name of a table or function, with its schema.
    func qualifiedName(_ name: String, of thing: String) -> QualifiedName? {
        guard let text = text(name) else { return nil }
        guard let qualified = QualifiedName(text) else {
            report(name, "must be schema.\(thing)")
            return nil
        }
        let parts = [qualified.schema, qualified.name]
        if let problem = parts.compactMap(TextRule.problem(inIdentifier:)).first {
            report(name, problem)
        }
        return qualified
    }

    /// How often and how soon a refused message is tried again.
    func retry(_ name: String) -> RetryPolicy {
        let reader = map(name)
        let policy = RetryPolicy(
            maxAttempts: reader.integer("max_attempts"),
            first: reader.duration("first"),
            max: reader.duration("max")
        )
        if policy.first > policy.max { reader.report("first", "must not be longer than max") }
        return policy
    }
}
