import Messaging

/// What Kafka takes as the name of a topic.
enum TopicRule {
    /// What is wrong with a template that no row could put right, in words.
    static func problem(in template: TopicTemplate) -> String? {
        for part in template.parts {
            switch part {
            case .literal(let text) where !text.utf8.allSatisfy(isAllowed):
                return "must be made of letters, digits, '.', '_', '-' and ${column}"
            case .column(let name):
                if let problem = TextRule.problem(inIdentifier: name) {
                    return "names a column that \(problem)"
                }
            case .literal: break
            }
        }
        return template.fixedTopic.flatMap(problem(inTopic:))
    }

    /// What is wrong with the name of a topic, in words.
    static func problem(inName name: String) -> String? {
        guard name.utf8.allSatisfy(isAllowed) else {
            return "must be made of letters, digits, '.', '_' and '-'"
        }
        return problem(inTopic: name)
    }

    private static func problem(inTopic topic: String) -> String? {
        if [".", ".."].contains(topic) { return "must not be '.' or '..'" }
        return topic.utf8.count > 249 ? "must not be longer than 249 characters" : nil
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
