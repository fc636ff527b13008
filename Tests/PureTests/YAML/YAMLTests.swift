import Testing
import YAML

struct YAMLTests {
    @Test func `keys and values know their line and column`() throws {
        let document = YAMLDocument("a: 1\nlist:\n  - x\n  - { k: \"v\" }\n")
        let expected = YAMLNode(
            .mapping([
                entry("a", 1, 1, YAMLNode(.plain("1"), at: mark(1, 4))),
                entry(
                    "list",
                    2,
                    1,
                    YAMLNode(
                        .sequence([
                            YAMLNode(.plain("x"), at: mark(3, 5)),
                            YAMLNode(
                                .mapping([
                                    entry("k", 4, 7, YAMLNode(.quoted("v"), at: mark(4, 10)))
                                ]),
                                at: mark(4, 5)
                            ),
                        ]),
                        at: mark(3, 3)
                    )
                ),
            ]),
            at: mark(1, 1)
        )
        #expect(document.problems.isEmpty)
        #expect(document.root == expected)
    }

    @Test func `columns are counted in characters`() throws {
        let document = YAMLDocument("{ \"ключ\": \"значение\", b: 2 }")
        guard case .mapping(let entries) = try #require(document.root).content else {
            Issue.record("not a map")
            return
        }
        #expect(entries.map(\.mark) == [mark(1, 3), mark(1, 23)])
    }

    @Test(arguments: ["", "\n\n", "# nothing but a comment\n", "\u{FEFF}"])
    func `an empty text is an empty document`(_ text: String) {
        #expect(YAMLDocument(text) == YAMLDocument(""))
        #expect(YAMLDocument(text).root == nil)
        #expect(YAMLDocument(text).problems.isEmpty)
    }

    @Test(arguments: [
        ("", true), ("~", true), ("null", true), ("''", false), ("\"null\"", false),
        ("none", false), ("|\n  null", false),
    ])
    func `only a plain scalar can say nothing`(_ value: String, _ isNull: Bool) throws {
        let document = YAMLDocument("a: \(value)\n")
        guard case .mapping(let entries) = try #require(document.root).content,
            case .scalar(let scalar) = try #require(entries.first).value.content
        else {
            Issue.record("not a map of a scalar")
            return
        }
        #expect(scalar.isNull == isNull)
    }

    @Test(arguments: RefusedDocument.all)
    func `what could surprise is refused at its place`(_ refused: RefusedDocument) {
        #expect(YAMLDocument(refused.text).problems.map(\.description) == refused.problems)
    }

    @Test func `a document over a limit is refused`() {
        let large = String(repeating: "#", count: YAMLLimits.bytes)
        #expect(YAMLDocument(large).problems.isEmpty)
        #expect(YAMLDocument(large + "#").problems == [.tooLarge])

        let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(YAMLDocument(deep).problems.isEmpty)
        #expect(YAMLDocument("[\(deep)]").problems == [.tooDeep(at: mark(1, 33))])

        let many = Array(repeating: "- x\n", count: 9_999).joined()
        #expect(YAMLDocument(many).problems.isEmpty)
        #expect(YAMLDocument(many + "- x\n").problems == [.tooManyNodes(at: mark(10_000, 3))])
    }

    @Test func `problems never repeat a value`() {
        let secret = "S3cret"
        let texts = [
            "password: \(secret): x", "password: \"\(secret)", "password: &\(secret) x",
            "password: *\(secret)", "password: !\(secret) x", "password: %\(secret)",
            "- \(secret)\n\(secret)", "password: @\(secret)", "{ password: \(secret)",
            "password: \"\\q\(secret)\"", "a: \(secret)\n---\nb: \(secret)",
        ]
        for text in texts {
            let problems = YAMLDocument(text).problems.map(\.description)
            #expect(!problems.isEmpty, "\(text)")
            #expect(!problems.joined().contains(secret), "\(problems)")
        }
    }

    @Test func `no bytes crash the parser`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        let words = Array("{}[]:,-?&*!|>'\"%@`#~<\n\n  \t\r\u{0}ключa1".utf8)
        for round in 0..<3_000 {
            let length = Int.random(in: 0...200, using: &generator)
            let bytes = (0..<length).map { _ in
                round.isMultiple(of: 3)
                    ? UInt8.random(in: 0...255, using: &generator)
                    : words.randomElement(using: &generator) ?? 0
            }
            let document = YAMLDocument(bytes)
            let lines = bytes.count + 1
            for problem in document.problems {
                #expect((1...lines).contains(problem.mark.line), "seed \(seed): \(problem)")
            }
            #expect(
                document.root != nil || !document.problems.isEmpty || isBlank(bytes),
                "seed \(seed), round \(round)"
            )
        }
    }

    /// Whether there are only comments, blanks and markers in the text.
    private func isBlank(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split { $0.isNewline || $0 == "\u{2028}" }
        return lines.allSatisfy { line in
            let rest = line.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
            return rest.isEmpty || rest.hasPrefix("#")
        }
    }

    private func mark(_ line: Int, _ column: Int) -> YAMLMark {
        YAMLMark(line: line, column: column)
    }

    private func entry(_ key: String, _ line: Int, _ column: Int, _ value: YAMLNode) -> YAMLEntry {
        YAMLEntry(key: key, at: mark(line, column), value: value)
    }
}

/// A text and everything that is said against it.
struct RefusedDocument: CustomTestStringConvertible {
    let text: String
    let problems: [String]

    init(_ text: String, _ problems: String...) {
        self.text = text
        self.problems = problems
    }

    var testDescription: String { text }

    static let all = [
        RefusedDocument("a: &x 1", "1:4: anchors (&) are not allowed"),
        RefusedDocument(
            "a: &x 1\nb: *x\nc: !!int 2",
            "1:4: anchors (&) are not allowed",
            "2:4: aliases (*) are not allowed",
            "3:4: tags (!) are not allowed"
        ),
        RefusedDocument(
            "base: { a: 1 }\nb:\n  <<: { a: 2 }",
            "3:3: merge keys (<<) are not allowed"
        ),
        RefusedDocument(
            "a: 1\nb: 2\na: 3\n\"a\": 4",
            "3:1: a: this key stands at 1:1 already",
            "4:1: a: this key stands at 1:1 already"
        ),
        RefusedDocument("a: 1\n---\nb: 2", "2:1: only one document is allowed"),
        RefusedDocument("? [a]\n: 1", "1:3: a key must be a word"),
        RefusedDocument("*x : 1", "1:1: aliases (*) are not allowed"),
        RefusedDocument(
            "a: b: c",
            "1:5: is not YAML: mapping values are not allowed in this context"
        ),
        RefusedDocument(
            "a:\n\t- b",
            "2:1: is not YAML: found character that cannot start any token "
                + "while scanning for the next token"
        ),
        RefusedDocument(
            "a: \u{0}",
            "1:4: is not YAML: control characters are not allowed"
        ),
        RefusedDocument(
            "a: [1, 2",
            "2:1: is not YAML: did not find expected ',' or ']' "
                + "while parsing a flow sequence"
        ),
        RefusedDocument("\"a\\nb\": 1\n\"a\\nb\": 2", "2:1: a?b: this key stands at 1:1 already"),
    ]
}

extension YAMLNode.Content {
    fileprivate static func plain(_ text: String) -> Self {
        .scalar(YAMLScalar(text, isPlain: true))
    }
    fileprivate static func quoted(_ text: String) -> Self {
        .scalar(YAMLScalar(text, isPlain: false))
    }
}
