/// What any text of the configuration must keep to, since it ends up in C strings and on lines.
enum TextRule {
    /// What is wrong with the text, in words.
    static func problem(in text: String) -> String? {
        if text.isEmpty { return "must not be empty" }
        return holdsControl(text) ? "must not hold control characters" : nil
    }

    /// What is wrong with the text as the name of a column, in words.
    static func problem(inIdentifier text: String) -> String? {
        if let problem = problem(in: text) { return problem }
        return text.utf8.count > 63 ? "must not be longer than 63 bytes" : nil
    }

    private static func holdsControl(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
