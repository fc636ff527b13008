import Settings
import Testing

/// What people are told about a configuration that cannot be.
struct SettingsProblemTests {
    @Test(arguments: BadConfiguration.all)
    func `a mistake is named with its place`(_ bad: BadConfiguration) {
        #expect(problems(of: bad.text) == bad.problems.map { "postbox.yaml:\($0)" })
    }

    @Test func `all problems come at once, in the order of the text`() {
        let text = """
            databases:
              shop: { url: "postgresql:///shop" }
            kafka:
              main: { brokers: ["kafka-1:9092"] }
            outboxes:
              - name: shop
                database: shpo
                tabel: postbox.outbox
                lanes: 65
                retry: { first: soon }
            inboxes:
              - { name: in, database: shop, topics: [a b], apply: {} }
            lease: 10
            """
        #expect(
            problems(of: text) == [
                "postbox.yaml:7:5: outboxes[0].database: refers to something that is not there; "
                    + "did you mean shop?",
                "postbox.yaml:8:5: outboxes[0].tabel: unknown key; did you mean table?",
                "postbox.yaml:9:5: outboxes[0].lanes: must be 1 to 64",
                "postbox.yaml:10:14: outboxes[0].retry.first: must be a duration such as 500ms, "
                    + "30s, 5m or 7d",
                "postbox.yaml:12:42: inboxes[0].topics[0]: must be made of letters, digits, '.', "
                    + "'_' and '-'",
                "postbox.yaml:12:48: inboxes[0].apply: must hold one of function, batch_function "
                    + "and store: true",
                "postbox.yaml:13:1: lease: must be a duration such as 500ms, 30s, 5m or 7d",
            ]
        )
    }

    @Test func `a text that is no YAML is only told that`() {
        #expect(
            problems(of: "outboxes: [") == [
                "postbox.yaml:2:1: is not YAML: did not find expected node content "
                    + "while parsing a flow node"
            ]
        )
    }

    @Test func `every key of the schema is read`() {
        // A list in a list is wrong for every key, so each must say so.
        for key in SettingsSchema.keys where !key.path.hasSuffix("*") {
            let path = key.path.replacing("[]", with: "[0]").replacing("*", with: "some")
            let told = problems(of: nested(key.path)).contains { $0.contains(": \(path)") }
            #expect(told, "\(key.path)")
        }
    }

    @Test func `no problem repeats a value`() {
        let secret = "S3cret"
        for key in SettingsSchema.keys {
            for value in ["\"\(secret)\\u0000\"", secret, "[\(secret)]", "{ \(secret): 1 }"] {
                // Names of things and unknown keys are told: people could not find them otherwise.
                let text = nested(key.path, value: value)
                let told = problems(of: text).filter { !$0.contains("unknown key") }
                let names = ["databases.\(secret)", "kafka.\(secret)", "properties.\(secret)"]
                let values = names.reduce(told.joined(separator: "\n")) { text, name in
                    text.replacing(name, with: "")
                }
                #expect(!values.contains(secret), "\(key.path): \(values)")
            }
        }
    }

    private func problems(of text: String) -> [String] {
        do throws(SettingsError) {
            _ = try Settings.resolve(text: text, file: "postbox.yaml")
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    /// A document with nothing but the value at the path.
    private func nested(_ path: String, value: String = "[[x]]") -> String {
        let words = path.split(separator: ".").map { $0 == "*" ? "some" : String($0) }
        return words.reversed().reduce(value) { inner, word in
            word.hasSuffix("[]") ? "{ \(word.dropLast(2)): [\(inner)] }" : "{ \(word): \(inner) }"
        }
    }
}
