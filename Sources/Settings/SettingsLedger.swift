import YAML

/// What comes up while a configuration is read: where its keys stand, and what is wrong with them.
final class SettingsLedger {
    private(set) var locations: SettingsLocations
    private(set) var problems: [SettingsProblem] = []

    init(root: SettingsLocation) {
        locations = SettingsLocations(root: root)
    }

    func note(_ place: SettingsLocation, of path: String) {
        locations.note(place, of: path)
    }

    /// Adds a problem at the place of the key.
    func report(_ path: String, _ message: String, suggestion: String? = nil) {
        problems.append(
            SettingsProblem(
                at: locations[path],
                path: YAMLError.printable(path),
                message: message,
                suggestion: suggestion
            )
        )
    }
}
