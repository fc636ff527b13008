/// Where in the configuration something stands.
package struct SettingsLocation: Sendable, Hashable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let column: Int

    package init(file: String, line: Int = 1, column: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file):\(line):\(column)" }
}

/// Where each key of the configuration stands, by its path: `outboxes[0].table`.
package struct SettingsLocations: Sendable, Hashable {
    private let root: SettingsLocation
    private var places: [String: SettingsLocation] = [:]

    package init(root: SettingsLocation) {
        self.root = root
    }

    /// The place of the key, or of the nearest key around it where it was left to its default.
    package subscript(path: String) -> SettingsLocation {
        var path = path[...]
        while !path.isEmpty {
            if let place = places[String(path)] { return place }
            path = path[..<(path.lastIndex { $0 == "." || $0 == "[" } ?? path.startIndex)]
        }
        return root
    }

    mutating func note(_ place: SettingsLocation, of path: String) {
        places[path] = place
    }
}
