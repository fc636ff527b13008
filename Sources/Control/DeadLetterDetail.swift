package import FoundationEssentials
package import Messaging

/// One dead letter with what it carries: the only answer of the daemon that holds a payload.
package struct DeadLetterDetail: Sendable, Hashable, Codable {
    /// How much of a payload the daemon hands out; `letter.payloadBytes` says how long it is.
    package static let payloadLimit = ByteSize.mebibytes(1)

    package var letter: DeadLetter
    /// The headers as they stand in the row: JSON text, which may be what was wrong with it.
    package var headers: String?
    /// The first bytes of the payload, base64 in JSON; nil for a tombstone.
    package var payload: Data?

    package init(letter: DeadLetter, headers: String? = nil, payload: Data? = nil) {
        self.letter = letter
        self.headers = headers
        self.payload = payload?.prefix(Self.payloadLimit.bytes)
    }

    /// Whether `payload` is only the beginning of a longer one.
    package var isTruncated: Bool {
        guard let payload, let whole = letter.payloadBytes else { return false }
        return payload.count < whole
    }
}
