import FoundationEssentials
import YAML

/// One file of the configuration as it was read.
struct SettingsSource {
    let file: String
    let bytes: [UInt8]

    init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
    }

    /// The file, and every `*.yaml` of `conf.d/` beside it in the order of their names.
    static func readAll(path: String) throws(SettingsError) -> [SettingsSource] {
        var problems: [SettingsProblem] = []
        let paths = [path] + fragments(beside: path, problems: &problems)
        var sources: [SettingsSource] = []
        for path in paths {
            do throws(SettingsError) {
                sources.append(SettingsSource(file: path, bytes: try read(path)))
            } catch {
                problems += error.problems
            }
        }
        guard problems.isEmpty else { throw SettingsError(problems) }
        return sources
    }

    private static func fragments(
        beside path: String,
        problems: inout [SettingsProblem]
    ) -> [String] {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let fragments = folder + "conf.d"
        guard FileManager.default.fileExists(atPath: fragments) else { return [] }
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: fragments)
            let visible = names.filter { !$0.hasPrefix(".") }.sorted()
            for name in visible where name.hasSuffix(".yml") {
                problems.append(problem("\(fragments)/\(name)", "must end in .yaml to be read"))
            }
            return visible.filter { $0.hasSuffix(".yaml") }.map { "\(fragments)/\($0)" }
        } catch {
            problems.append(problem(fragments, "cannot be listed"))
            return []
        }
    }

    private static func read(_ path: String) throws(SettingsError) -> [UInt8] {
        var isDirectory = false
        let files = FileManager.default
        guard files.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw SettingsError([problem(path, "there is no such file")])
        }
        guard !isDirectory else { throw SettingsError([problem(path, "is a directory")]) }
        guard let data = files.contents(atPath: path) else {
            throw SettingsError([problem(path, "cannot be read by this user")])
        }
        return Array(data)
    }

    private static func problem(_ path: String, _ message: String) -> SettingsProblem {
        SettingsProblem(at: SettingsLocation(file: path), path: "", message: message)
    }
}
