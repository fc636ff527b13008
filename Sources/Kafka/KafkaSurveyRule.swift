/// How a survey finds the id by which a message is recognised when it comes again.
package struct KafkaSurveyRule: Sendable, Hashable {
    package enum IDSource: Sendable, Hashable {
        /// Messages need no id.
        case nowhere
        case header(String)
        /// The members to follow from the root of a JSON payload, at most 16.
        case member([String])
    }

    package let id: IDSource
    /// Whether a message without an id gets its position as one, written `topic-partition-offset`.
    package let usesPositionAsID: Bool

    package init(id: IDSource, usesPositionAsID: Bool = false) {
        if case .member(let path) = id {
            precondition((1...16).contains(path.count), "a path of \(path.count) members")
        }
        self.id = id
        self.usesPositionAsID = usesPositionAsID
    }
}

/// Why a message cannot be recognised when it comes again.
package enum KafkaIDProblem: UInt8, Sendable {
    /// There is none, it is empty, or the payload is not the JSON that should hold it.
    case missing = 1
    /// It has more than 1,000 bytes.
    case tooLong = 2
    /// It is not UTF-8, or holds a NUL.
    case notText = 3
    /// An earlier record of the same batch has it.
    case repeated = 4
}

/// The numbers that a database gave to the types in which messages are sent to it.
package struct MessageTypeIDs: Sendable, Hashable {
    /// The composite type of one message, `'postbox.message'::regtype::oid`.
    package let message: UInt32

    package init(message: UInt32) {
        self.message = message
    }
}
