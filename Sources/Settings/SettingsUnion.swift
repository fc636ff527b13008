import YAML

/// Makes one configuration of several files: maps of things are united, lists appended, and nothing
/// may be said twice.
struct SettingsUnion {
    private(set) var entries: [SettingsEntry] = []
    private(set) var problems: [SettingsProblem] = []
    /// Whether a file could not be read to its end, so that what is missing says nothing.
    private(set) var isIncomplete = false

    mutating func add(_ source: SettingsSource) {
        let document = YAMLDocument(source.bytes)
        for problem in document.problems { report(problem, file: source.file) }
        guard let root = document.root.map({ SettingsNode($0, file: source.file) }) else {
            isIncomplete = isIncomplete || !document.problems.isEmpty
            return
        }
        switch root.content {
        case .map(let added): for entry in added { add(entry) }
        case .scalar(let scalar) where scalar.isNull: break
        case .scalar, .list, .refused:
            isIncomplete = true
            report(path: "", "must be a map of keys, not \(root.kindName)", at: root.place)
        }
    }

    private mutating func add(_ entry: SettingsEntry) {
        guard let index = entries.firstIndex(where: { $0.name == entry.name }) else {
            entries.append(entry)
            return
        }
        switch (entries[index].value.content, entry.value.content) {
        case (.map(let known), .map(let added)) where isOpen(entry.name):
            entries[index].value.content = .map(unite(known, with: added, in: entry.name))
        case (.list(let known), .list(let added)) where isOpen(entry.name):
            entries[index].value.content = .list(known + added)
        default:
            reportTwice(entry, first: entries[index].place, path: entry.name)
        }
    }

    private mutating func unite(
        _ known: [SettingsEntry],
        with added: [SettingsEntry],
        in path: String
    ) -> [SettingsEntry] {
        var united = known
        for entry in added {
            if let first = known.first(where: { $0.name == entry.name }) {
                reportTwice(entry, first: first.place, path: "\(path).\(entry.name)")
            } else {
                united.append(entry)
            }
        }
        return united
    }

    /// Whether several files may add to the key.
    private func isOpen(_ name: String) -> Bool {
        switch SettingsSchema.kind(of: name) {
        case .named, .list: true
        default: false
        }
    }

    private mutating func reportTwice(
        _ entry: SettingsEntry,
        first: SettingsLocation,
        path: String
    ) {
        report(path: path, "this key stands at \(first) already", at: entry.place)
    }

    private mutating func report(_ error: YAMLError, file: String) {
        let mark = error.mark
        let place = SettingsLocation(file: file, line: mark.line, column: mark.column)
        report(path: "", error.reason, at: place)
    }

    private mutating func report(path: String, _ message: String, at place: SettingsLocation) {
        problems.append(
            SettingsProblem(at: place, path: YAMLError.printable(path), message: message)
        )
    }
}
