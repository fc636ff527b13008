/// How a topic is made from a row where no column holds it: `outbox.event.${aggregatetype}`.
package struct TopicTemplate: Sendable, Hashable, CustomStringConvertible {
    /// One piece of the template, in order.
    package enum Part: Sendable, Hashable {
        case literal(String)
        case column(String)
    }

    package let parts: [Part]

    /// Reads a template; nil when a `${` is not closed or names no column.
    package init?(_ text: String) {
        var parts: [Part] = []
        var rest = text[...]
        while let opening = rest.firstRange(of: "${") {
            if opening.lowerBound > rest.startIndex {
                parts.append(.literal(String(rest[..<opening.lowerBound])))
            }
            guard let closing = rest[opening.upperBound...].firstIndex(of: "}"),
                closing > opening.upperBound
            else { return nil }
            parts.append(.column(String(rest[opening.upperBound..<closing])))
            rest = rest[rest.index(after: closing)...]
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
        guard !parts.isEmpty else { return nil }
        self.parts = parts
    }

    /// The one topic of a template without columns.
    package var fixedTopic: String? {
        guard case .literal(let topic) = parts.first, parts.count == 1 else { return nil }
        return topic
    }

    package var description: String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .column(let name): "${\(name)}"
            }
        }.joined()
    }
}
