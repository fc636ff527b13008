import FoundationEssentials
import Messaging
import Settings
import Testing

/// Configuration that stands in several files.
struct SettingsFilesTests: ~Copyable {
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "postbox-settings-\(UUID().uuidString)").path

    init() throws {
        try FileManager.default.createDirectory(
            atPath: folder + "/conf.d",
            withIntermediateDirectories: true
        )
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test func `files of conf_d add databases, clusters and outboxes`() throws {
        try write(ConfigurationText.minimal, to: "postbox.yaml")
        try write("log: { level: debug }\n", to: "conf.d/a.yaml")
        try write(
            """
            databases: { second: { url: "dbname=second" } }
            kafka: { spare: { brokers: ["kafka-2:9092"] } }
            """,
            to: "conf.d/b.yaml"
        )
        try write("# nothing\n", to: "conf.d/c.yaml")
        try write("- { name: never }\n", to: "conf.d/.hidden.yaml")
        try write(
            "outboxes: [{ name: two, database: second, kafka: spare }]\n",
            to: "conf.d/d.yaml"
        )
        // The first outbox named no cluster, and now there are two.
        #expect(
            problems() == [
                "postbox.yaml:6:5: outboxes[0].kafka: is missing: there is more than one, "
                    + "main or spare"
            ]
        )

        try write(ConfigurationText.minimal + "    kafka: main\n", to: "postbox.yaml")
        let settings = try Settings.load(path: "\(folder)/postbox.yaml")
        #expect(settings.outboxes.map(\.name) == ["shop", "two"])
        #expect(settings.databases.keys.sorted() == ["second", "shop"])
        #expect(settings.log.level == .debug)
        #expect(
            settings.locations["outboxes[1].name"].description == "\(folder)/conf.d/d.yaml:1:14"
        )
    }

    @Test func `what two files say is a problem that names both`() throws {
        try write(ConfigurationText.minimal + "lease: 10s\n", to: "postbox.yaml")
        try write(
            """
            lease: 20s
            databases: { shop: { url: "dbname=other" } }
            outboxes: [{ name: shop, database: shop, table: a.b, lanse: 2 }]
            """,
            to: "conf.d/a.yaml"
        )
        #expect(
            problems() == [
                "conf.d/a.yaml:1:1: lease: this key stands at postbox.yaml:8:1 already",
                "conf.d/a.yaml:2:14: databases.shop: this key stands at postbox.yaml:2:3 already",
                "conf.d/a.yaml:3:14: outboxes[1].name: "
                    + "the outbox at postbox.yaml:6:5 has this name",
                "conf.d/a.yaml:3:54: outboxes[1].lanse: unknown key; did you mean lanes?",
            ]
        )
    }

    @Test func `a file that cannot be read is a problem`() throws {
        #expect(problems() == ["postbox.yaml:1:1: there is no such file"])
        try write(ConfigurationText.minimal, to: "postbox.yaml")
        try write("", to: "conf.d/a.yml")
        try FileManager.default.createDirectory(
            atPath: folder + "/conf.d/b.yaml",
            withIntermediateDirectories: true
        )
        #expect(
            problems() == [
                "conf.d/a.yml:1:1: must end in .yaml to be read",
                "conf.d/b.yaml:1:1: is a directory",
            ]
        )
    }

    private borrowing func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
    }

    private borrowing func problems() -> [String] {
        do throws(SettingsError) {
            _ = try Settings.load(path: "\(folder)/postbox.yaml")
            return []
        } catch {
            return error.problems.map { $0.description.replacing("\(folder)/", with: "") }
        }
    }
}
