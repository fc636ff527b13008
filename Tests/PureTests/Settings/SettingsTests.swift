import FoundationEssentials
import Messaging
import Settings
import Testing

struct SettingsTests {
    @Test func `what is left out stands at its default`() throws {
        let settings = try Settings.resolve(text: ConfigurationText.minimal, file: "postbox.yaml")
        #expect(
            settings.outboxes == [OutboxDefinition(name: "shop", database: "shop", kafka: "main")]
        )
        #expect(settings.databases["shop"]?.url == "postgresql:///shop")
        #expect(settings.databases["shop"]?.password == nil)
        #expect(settings.schema(of: "shop") == "postbox")
        #expect(settings.inboxes == [])
        #expect(settings.kafka["main"]?.brokers == ["kafka-1:9092"])
        #expect(settings.kafka["main"]?.properties == [])
        #expect(settings.memory == .mebibytes(64))
        #expect(settings.lease == .seconds(10))
        #expect(settings.shutdownGrace == .seconds(25))
        #expect(settings.control.socket == "/run/postbox/control.sock")
        #expect(settings.control.listen == nil)
        #expect(settings.log.level == .info)
        #expect(settings.log.format == .logfmt)
    }

    @Test(arguments: [("", FailurePolicy.skip), ("    on_failure: hold\n", .hold)])
    func `without an order nobody waits for another, unless that is wanted`(
        given: String,
        policy: FailurePolicy
    ) throws {
        let text = ConfigurationText.minimal + "    order: none\n" + given
        let settings = try Settings.resolve(text: text, file: "postbox.yaml")
        #expect(settings.outboxes.map(\.order) == [.none])
        #expect(settings.outboxes.map(\.onFailure) == [policy])
    }

    @Test func `two instances without a name differ`() throws {
        let names = try (1...2).map { _ in
            try Settings.resolve(text: ConfigurationText.minimal, file: "").instance
        }
        #expect(Set(names).count == 2)
        #expect(names.allSatisfy { $0.contains(/^[A-Za-z0-9._-]{1,54}-[0-9a-f]{8}$/) })
    }

    @Test func `every key reaches its value`() throws {
        let settings = try Settings.resolve(text: ConfigurationText.full, file: "postbox.yaml")
        #expect(settings.instance == "relay-a")
        #expect(settings.databases["shop"]?.password == .file("/etc/postbox/shop"))
        #expect(settings.databases["other"]?.password == .credential("other"))
        #expect(settings.kafka["main"]?.brokers == ["kafka-1:9092", "[::1]:9093"])
        #expect(
            settings.kafka["main"]?.properties.map(\.value) == [
                .text("lz4"), .text("5"), .text("true"), .text(""), .secret(.env("SASL")),
            ]
        )
        #expect(settings.memory == .kibibytes(10_240))
        #expect(settings.lease == .seconds(30))
        #expect(settings.shutdownGrace == .zero)
        #expect(settings.control.socket == "/tmp/postbox.sock")
        #expect(settings.control.listen == ListenAddress("[::1]:9187"))
        #expect(settings.log.level == .debug)
        #expect(settings.log.format == .json)
        #expect(settings.outboxes == [ConfigurationText.fullShop, ConfigurationText.fullLegacy])
        #expect(settings.inboxes == ConfigurationText.fullInboxes)
        #expect(settings.schema(of: "shop") == "relay")
    }

    @Test func `an inbox alone is enough, and the rest of it stands at its default`() throws {
        let outboxes = try #require(ConfigurationText.minimal.firstRange(of: "outboxes:"))
        let text =
            ConfigurationText.minimal[..<outboxes.lowerBound]
            + "inboxes: [{ name: a, database: shop, topics: t, apply: { store: true } }]\n"
        let settings = try Settings.resolve(text: String(text), file: "postbox.yaml")
        #expect(settings.outboxes == [])
        #expect(
            settings.inboxes == [
                InboxDefinition(
                    name: "a",
                    database: "shop",
                    kafka: "main",
                    topics: ["t"],
                    apply: .store
                )
            ]
        )
    }

    @Test func `the default outbox stands in the schema of its database`() throws {
        let text = ConfigurationText.minimal.replacing(
            "/shop\" }",
            with: "/shop\", schema: relay }"
        )
        let settings = try Settings.resolve(text: text, file: "postbox.yaml")
        #expect(settings.outboxes[0].table == QualifiedName(schema: "relay", name: "outbox"))
    }

    @Test func `each key is told where it stands`() throws {
        let settings = try Settings.resolve(text: ConfigurationText.minimal, file: "postbox.yaml")
        let places = [
            "databases.shop": "2:3", "databases.shop.url": "2:11", "kafka.main": "4:3",
            "outboxes[0]": "6:5", "outboxes[0].name": "6:5", "outboxes[0].database": "7:5",
            // What was left out is where the thing around it is.
            "outboxes[0].table": "6:5", "outboxes[0].columns.key": "6:5", "lease": "1:1",
            "kafka.main.properties.sasl.password": "4:3",
        ]
        for (path, place) in places {
            #expect(settings.locations[path].description == "postbox.yaml:\(place)", "\(path)")
        }
    }

    @Test func `a property is told where it stands`() throws {
        let settings = try Settings.resolve(text: ConfigurationText.full, file: "postbox.yaml")
        let property = try #require(settings.kafka["main"]?.properties.last)
        #expect(property.name == "sasl.password")
        #expect(property.path == "kafka.main.properties.sasl.password")
        #expect(settings.locations[property.path].description == "postbox.yaml:18:7")
    }

    @Test func `a text that was cut or garbled anywhere never crashes`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        let original = Array(ConfigurationText.full.utf8)
        for _ in 0..<1_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                let end = min(bytes.count, index + Int.random(in: 0...20, using: &generator))
                let letter = UInt8.random(in: 9...126, using: &generator)
                bytes.replaceSubrange(
                    index..<end,
                    with: Bool.random(using: &generator) ? [letter] : []
                )
                if bytes.isEmpty { bytes = [letter] }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            do throws(SettingsError) {
                _ = try Settings.resolve(text: text, file: "postbox.yaml")
            } catch {
                #expect(!error.problems.isEmpty, "seed \(seed)")
            }
        }
    }
}
