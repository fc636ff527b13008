import YAML

extension SettingsReader {
    /// A reference to a secret; nil when it was left out or is none.
    func secret(_ name: String) -> SecretReference? {
        guard let node = node(name) else { return nil }
        guard case .map(let entries) = node.content else {
            if case .refused = node.content { return nil }
            report(name, "must be \(InlineSecret.advice), not the secret itself")
            return nil
        }
        return secret(entries, path: path(name))
    }

    /// The reference that a map spells out.
    func secret(_ entries: [SettingsEntry], path: String) -> SecretReference? {
        // The names are not repeated in the message: they could be a secret in a wrong place.
        guard entries.count == 1, let entry = entries.first,
            case .scalar(let scalar) = entry.value.content, !scalar.isNull,
            let reference = SecretReference(entry.name, scalar.text)
        else {
            ledger.report(path, "must be \(InlineSecret.advice)")
            return nil
        }
        if let problem = reference.problem { ledger.report("\(path).\(entry.name)", problem) }
        return reference
    }
}

extension SecretReference {
    fileprivate init?(_ word: String, _ text: String) {
        switch word {
        case "file": self = .file(text)
        case "env": self = .env(text)
        case "credential": self = .credential(text)
        default: return nil
        }
    }

    /// What is wrong with the name or path itself.
    fileprivate var problem: String? {
        switch self {
        case .file(let path):
            TextRule.problem(in: path) ?? (path.hasPrefix("/") ? nil : "must be an absolute path")
        case .env(let name):
            TextRule.problem(in: name)
                ?? (name.contains("=") ? "must be the name of a variable" : nil)
        case .credential(let name):
            TextRule.problem(in: name)
                ?? (name.contains("/") || name.hasPrefix(".")
                    ? "must be a name, not a path" : nil)
        }
    }
}
