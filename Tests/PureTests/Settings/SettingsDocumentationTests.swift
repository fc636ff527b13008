import FoundationEssentials
import Messaging
import Settings
import Testing
import YAML

/// Holds `config/postbox.yaml` against the code.
struct SettingsDocumentationTests {
    private let text: String
    private let shipped: Settings

    init() throws {
        text = try Self.read("postbox.yaml")
        shipped = try Settings.resolve(text: text, file: "postbox.yaml")
    }

    @Test func `the file as shipped publishes one outbox`() {
        #expect(shipped.outboxes.map(\.name) == ["shop"])
        #expect(shipped.databases.keys.sorted() == ["shop"])
        #expect(shipped.kafka["main"]?.brokers == ["127.0.0.1:9092"])
    }

    @Test func `the examples of the reference are valid`() throws {
        let reference = try Self.read("README.md")
        let examples = reference.matches(of: /(?s)```yaml\n(.*?)```/).map { String($0.1) }
        #expect(examples.count == 4)
        for example in examples {
            #expect(throws: Never.self) { try Settings.resolve(text: example, file: "README.md") }
        }
    }

    @Test func `every key is documented, and no other`() throws {
        let known = Set(SettingsSchema.keys.map(\.path))
        let documented = try documentedKeys()
        #expect(known.subtracting(documented.keys) == [], "not documented")
        #expect(Set(documented.keys).subtracting(known) == [], "not known")
    }

    @Test func `a documented default is the true one`() throws {
        let documented = try documentedKeys()
        for key in SettingsSchema.keys {
            guard case .otherwise(let fallback) = key.presence else { continue }
            #expect(documented[key.path]?.value == fallback, "\(key.path)")
        }
    }

    @Test func `a documented key tells its range, and an example from a default`() throws {
        let documented = try documentedKeys()
        for key in SettingsSchema.keys {
            let comment = documented[key.path]?.comment ?? ""
            if let range = key.range { #expect(comment.contains(range), "\(key.path): \(range)") }
            if case .choice(let words) = key.kind {
                for word in words { #expect(comment.contains(word), "\(key.path): \(word)") }
            }
            if isExample(key) {
                #expect(comment.contains("default: "), "\(key.path)")
            }
        }
    }

    @Test func `keys that may be left out are commented out`() throws {
        let given = Set(keys(of: text).keys)
        let required = SettingsSchema.keys.filter { $0.presence == .required }.map(\.path)
            .filter { !$0.hasPrefix("inboxes") }
        let around: Set = ["databases.*", "kafka.*", "outboxes"]
        #expect(given == around.union(required))
    }

    private static func read(_ name: String) throws -> String {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../config/\(name)")
        return String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }

    /// Whether what stands in the file cannot be the default, since there is none.
    private func isExample(_ key: SettingsKey) -> Bool {
        switch key.kind {
        case .map, .list, .named: false
        default: key.presence == .optional && !key.path.hasSuffix("[].kafka")
        }
    }

    /// The keys of the file with every `#key` turned into a key.
    private func documentedKeys() throws -> [String: DocumentedKey] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let uncommented = lines.map { line in
            line.contains(/^ *#(- )?[a-z_]+:/)
                ? line.replacing("#", with: "", maxReplacements: 1) : line
        }
        return keys(of: uncommented.joined(separator: "\n"))
    }

    private func keys(of text: String) -> [String: DocumentedKey] {
        let document = YAMLDocument(text)
        #expect(document.problems.isEmpty)
        var found: [String: DocumentedKey] = [:]
        if let root = document.root {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            collect(root, path: "", lines: lines, into: &found)
        }
        return found
    }

    private func collect(
        _ node: YAMLNode,
        path: String,
        lines: [Substring],
        into found: inout [String: DocumentedKey]
    ) {
        switch node.content {
        case .sequence(let items):
            for item in items { collect(item, path: "\(path)[]", lines: lines, into: &found) }
        case .mapping(let entries):
            for entry in entries {
                let name = ["databases", "kafka"].contains(path) ? "*" : entry.key
                let below = path.isEmpty ? name : "\(path).\(name)"
                found[below] = DocumentedKey(entry, lines: lines)
                if entersMap(below) {
                    collect(entry.value, path: below, lines: lines, into: &found)
                }
            }
        case .scalar, .refused: break
        }
    }

    /// Whether the keys below are ours; those of a secret and of librdkafka are not.
    private func entersMap(_ path: String) -> Bool {
        !path.hasSuffix(".password") && !path.hasSuffix(".properties")
            && !path.hasSuffix(".brokers") && !path.hasSuffix(".topics")
    }
}

/// A key of the file with its value and the comment above it.
private struct DocumentedKey {
    let value: String?
    let comment: String

    init(_ entry: YAMLEntry, lines: [Substring]) {
        value =
            switch entry.value.content {
            case .scalar(let scalar): scalar.text
            default: nil
            }
        let above = lines[..<(entry.mark.line - 1)].reversed()
        let block = above.prefix { $0.contains(/^ *#/) }.reversed()
        comment = block.map { $0.drop { "# ".contains($0) } }.joined(separator: " ")
    }
}
