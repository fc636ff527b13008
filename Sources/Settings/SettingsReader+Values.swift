import Messaging
import YAML

/// Values of one type each.
///
/// A problem leaves the default in its place.
extension SettingsReader {
    /// Any text; nil when it was left out or is not one.
    func text(_ name: String) -> String? {
        guard let scalar = scalar(name, expecting: "a text") else { return fallback(name) }
        if let problem = TextRule.problem(in: scalar.text) {
            report(name, problem)
            return nil
        }
        return scalar.text
    }

    /// A name that keeps to ``SettingsName``.
    func name(_ name: String) -> String? {
        guard let text = text(name) else { return nil }
        guard SettingsName.isValid(text) else {
            report(name, SettingsName.rule)
            return nil
        }
        return text
    }

    func integer(_ name: String) -> Int {
        guard case .integer(let range) = key(name).kind else { return mistaken(name) }
        return value(name, words: "a whole number", in: range) { Int($0) }
    }

    func duration(_ name: String) -> Duration {
        guard case .duration(let range) = key(name).kind else { return mistaken(name) }
        let words = "a duration such as 500ms, 30s, 5m or 7d"
        return value(name, words: words, in: range, parse: DurationText.parse)
    }

    func size(_ name: String) -> ByteSize {
        guard case .size(let range) = key(name).kind else { return mistaken(name) }
        let words = "a size such as 512B, 10KiB or 64MiB"
        return value(name, words: words, in: range, parse: ByteSizeText.parse)
    }

    func flag(_ name: String) -> Bool {
        let words = "true or false"
        let text = plain(name, expecting: words)
        if let text, let flag = Bool(text) { return flag }
        if text != nil { report(name, "must be \(words)") }
        return fallback(name).flatMap(Bool.init) ?? mistaken(name)
    }

    /// One of a few words; nil when it was left out and has no default.
    func choice(_ name: String) -> String? {
        guard case .choice(let words) = key(name).kind else { return mistaken(name) }
        let list = Self.oneOf(words)
        guard let scalar = scalar(name, expecting: list) else { return fallback(name) }
        if words.contains(scalar.text) { return scalar.text }
        let nearest = NearestName.find(scalar.text, among: words)
        report(name, "must be \(list)", suggestion: nearest)
        return fallback(name)
    }

    /// One of the cases of an enum, whose default the schema knows.
    func choice<Choice: RawRepresentable<String>>(
        _ name: String,
        of type: Choice.Type
    ) -> Choice {
        choice(name).flatMap(Choice.init) ?? mistaken(name)
    }

    /// The column of a role, or nil where the table has none; `preset` when it was left out.
    func column(_ name: String, or preset: String?) -> String? {
        guard has(name), let node = node(name) else { return preset }
        guard case .scalar(let scalar) = node.content else {
            mismatch(path(name), "the name of a column, or none", node)
            return preset
        }
        if scalar.isNull || scalar.isPlain && scalar.text == "none" { return nil }
        if let problem = TextRule.problem(inIdentifier: scalar.text) { report(name, problem) }
        return scalar.text
    }

    /// The column of a role that every table has.
    func requiredColumn(_ name: String, or preset: String) -> String {
        if let column = column(name, or: preset) { return column }
        report(name, "must be the name of a column: every outbox has one")
        return preset
    }

    static func oneOf(_ words: [String]) -> String {
        words.count < 2
            ? words.joined()
            : words.dropLast().joined(separator: ", ") + " or " + words.suffix(1).joined()
    }

    private func value<Value: Comparable>(
        _ name: String,
        words: String,
        in range: ClosedRange<Value>,
        parse: (String) -> Value?
    ) -> Value {
        let text = plain(name, expecting: words)
        if let text {
            if let value = parse(text), range.contains(value) { return value }
            let bounds = key(name).range ?? words
            report(name, parse(text) == nil ? "must be \(words)" : "must be \(bounds)")
        }
        return fallback(name).flatMap(parse) ?? mistaken(name)
    }

    private func fallback(_ name: String) -> String? {
        guard case .otherwise(let text) = key(name).presence else { return nil }
        return text
    }

    private func mistaken<Value>(_ name: String) -> Value {
        preconditionFailure("the schema has another type or no default for \(path(name))")
    }
}
