import YAML

/// A value of the configuration with the file it came from, so that files can be united.
struct SettingsNode {
    enum Content {
        case scalar(YAMLScalar)
        case list([SettingsNode])
        case map([SettingsEntry])
        /// Refused already; it causes no further problem.
        case refused
    }

    var content: Content
    let place: SettingsLocation

    init(_ content: Content, at place: SettingsLocation) {
        self.content = content
        self.place = place
    }

    init(_ node: YAMLNode, file: String) {
        content =
            switch node.content {
            case .scalar(let scalar): .scalar(scalar)
            case .sequence(let items): .list(items.map { SettingsNode($0, file: file) })
            case .mapping(let entries): .map(entries.map { SettingsEntry($0, file: file) })
            case .refused: .refused
            }
        place = SettingsLocation(file: file, line: node.mark.line, column: node.mark.column)
    }

    /// The noun that a person would call it.
    var kindName: String {
        switch content {
        case .scalar(let scalar) where scalar.isNull: "nothing"
        case .scalar(let scalar): scalar.isPlain ? "a word" : "a quoted text"
        case .list: "a list"
        case .map: "a map"
        case .refused: "refused"
        }
    }
}

/// A key of the configuration with its value.
struct SettingsEntry {
    let name: String
    let place: SettingsLocation
    var value: SettingsNode

    init(_ entry: YAMLEntry, file: String) {
        name = entry.key
        place = SettingsLocation(file: file, line: entry.mark.line, column: entry.mark.column)
        value = SettingsNode(entry.value, file: file)
    }
}
