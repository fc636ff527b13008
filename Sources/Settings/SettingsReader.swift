import YAML

/// Reads one map of the configuration against the schema.
///
/// Every method notes what is wrong and gives something to go on with, so that one reading finds
/// all problems.
struct SettingsReader {
    let path: String
    let ledger: SettingsLedger
    private let pattern: String
    private let values: [String: SettingsNode]

    /// Reads a map that stands at `path`, which the schema writes as `pattern`.
    init(_ entries: [SettingsEntry], path: String, pattern: String, ledger: SettingsLedger) {
        self.path = path
        self.pattern = pattern
        self.ledger = ledger
        values = Dictionary(entries.map { ($0.name, $0.value) }) { first, _ in first }
        for entry in entries {
            ledger.note(entry.place, of: Self.join(path, entry.name))
            check(entry.name)
        }
    }

    /// The path of a key in this map.
    func path(_ name: String) -> String { Self.join(path, name) }

    func key(_ name: String) -> SettingsKey { SettingsSchema.key(Self.join(pattern, name)) }

    /// Whether the key was given, if only with nothing as its value.
    func has(_ name: String) -> Bool { values[name] != nil }

    func report(_ name: String, _ message: String, suggestion: String? = nil) {
        ledger.report(path(name), message, suggestion: suggestion)
    }

    /// The value that was given; nil, with a problem noted where one is due, when there is none.
    func node(_ name: String) -> SettingsNode? {
        if let node = values[name] { return node }
        if key(name).presence == .required { report(name, "is missing") }
        return nil
    }

    /// The scalar that was given, which must be one.
    func scalar(_ name: String, expecting words: String) -> YAMLScalar? {
        guard let node = node(name) else { return nil }
        if case .scalar(let scalar) = node.content, !scalar.isNull { return scalar }
        mismatch(path(name), words, node)
        return nil
    }

    /// A scalar without quotes: with them it is a text, whatever it looks like.
    func plain(_ name: String, expecting words: String) -> String? {
        guard let scalar = scalar(name, expecting: words) else { return nil }
        if scalar.isPlain { return scalar.text }
        report(name, "must be \(words), written without quotes")
        return nil
    }

    /// The keys below; empty when the map was left out.
    func map(_ name: String) -> SettingsReader {
        SettingsReader(
            entries(name),
            path: path(name),
            pattern: Self.join(pattern, name),
            ledger: ledger
        )
    }

    /// The things that are told apart by name.
    func named(_ name: String) -> [(name: String, reader: SettingsReader)] {
        let entries = entries(name)
        if has(name) && entries.isEmpty { report(name, "is empty") }
        return entries.map { entry in
            let path = Self.join(path(name), entry.name)
            ledger.note(entry.place, of: path)
            if !SettingsName.isValid(entry.name) { ledger.report(path, SettingsName.rule) }
            let pattern = Self.join(pattern, "\(name).*")
            return (entry.name, reader(of: entry.value, path: path, pattern: pattern))
        }
    }

    /// The things of a list; nil where a problem was noted instead.
    func list(_ name: String) -> [SettingsReader]? {
        items(name)?.enumerated().map { index, item in
            let path = "\(path(name))[\(index)]"
            ledger.note(item.place, of: path)
            return reader(of: item, path: path, pattern: Self.join(pattern, "\(name)[]"))
        }
    }

    /// The values of a list, whatever they are; nil where a problem was noted instead.
    func items(_ name: String) -> [SettingsNode]? {
        guard let node = node(name) else { return key(name).presence == .required ? nil : [] }
        switch node.content {
        case .list(let items): return items
        case .scalar(let scalar) where scalar.isNull: return []
        case .scalar, .map, .refused: mismatch(path(name), "a list", node)
        }
        return nil
    }

    /// The entries of a map, whatever they are.
    func entries(_ name: String) -> [SettingsEntry] {
        guard let node = node(name) else { return [] }
        return entries(of: node, path: path(name))
    }

    /// Notes that something else stands where `words` were expected.
    func mismatch(_ path: String, _ words: String, _ node: SettingsNode) {
        if case .refused = node.content { return }
        ledger.report(path, "must be \(words), not \(node.kindName)")
    }

    private func entries(of node: SettingsNode, path: String) -> [SettingsEntry] {
        switch node.content {
        case .map(let entries): return entries
        case .scalar(let scalar) where scalar.isNull: return []
        case .scalar, .list, .refused: mismatch(path, "a map", node)
        }
        return []
    }

    private func reader(
        of node: SettingsNode,
        path: String,
        pattern: String
    ) -> SettingsReader {
        let entries = entries(of: node, path: path)
        return SettingsReader(entries, path: path, pattern: pattern, ledger: ledger)
    }

    private func check(_ name: String) {
        let known = SettingsSchema.names(in: pattern)
        guard !known.contains(name) else { return }
        if let nearest = NearestName.find(name, among: known) {
            report(name, "unknown key", suggestion: nearest)
        } else {
            report(name, "unknown key", suggestion: SettingsSchema.elsewhere(name, than: pattern))
        }
    }

    private static func join(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }
}
