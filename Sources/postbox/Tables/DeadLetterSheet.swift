package import Control
import Messaging

/// What `postbox dead-letters show` prints: everything known of one message, its payload last.
package struct DeadLetterSheet {
    private let detail: DeadLetterDetail

    package init(_ detail: DeadLetterDetail) {
        self.detail = detail
    }

    package var lines: [String] {
        let width = facts.map(\.name.count).max() ?? 0
        let sheet = facts.map { name, value in
            let blanks = String(repeating: " ", count: width - name.count)
            return "\(name)\(blanks)  \(value.printable)"
        }
        return sheet + payload
    }

    private var facts: [(name: String, value: String)] {
        let letter = detail.letter
        let facts: [(String, String?)] = [
            (letter.mailbox.kind.rawValue, letter.mailbox.name), ("id", String(letter.id)),
            ("message id", letter.messageID), ("topic", letter.topic),
            ("partition", letter.partition.map(String.init)),
            ("offset", letter.offset.map(String.init)), ("key", letter.key),
            ("type", letter.type), ("state", letter.state.rawValue), ("reason", letter.reason),
            ("attempts", String(letter.attempts)), ("created", letter.createdAt),
            ("since", letter.parkedAt), ("next try", letter.retryAt),
            ("behind it", letter.followers.map(HumanUnits.count)),
            ("headers", detail.headers), ("payload", size),
        ]
        return facts.compactMap { name, value in value.map { (name, $0) } }
    }

    private var size: String {
        guard let payload = detail.payload else { return "none (a tombstone)" }
        let whole = HumanUnits.bytes(Int64(detail.letter.payloadBytes ?? payload.count))
        guard detail.isTruncated else { return whole }
        return "\(whole), of which the first \(HumanUnits.bytes(Int64(payload.count)))"
    }

    /// As text where it is text; else what to do instead.
    private var payload: [String] {
        guard let payload = detail.payload, !payload.isEmpty else { return [] }
        guard let text = String(validating: payload, as: UTF8.self) else {
            return ["", "(not text: --payload FILE saves the bytes, --json has them in base64)"]
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return [""] + lines.map { String($0).printable }
    }
}
