import Messaging

/// The small shapes that go over the socket beside `StatusReport` and `DeadLetterDetail`.
struct DeadLetterList: Codable {
    let deadLetters: [DeadLetter]
}

/// How many messages a change was made to.
struct CountAnswer: Codable {
    let count: Int
}

/// What a health check that passes says; one that does not is an `ErrorAnswer`.
struct HealthAnswer: Codable {
    let ok: Bool
}

/// Why a request was refused.
struct ErrorAnswer: Codable {
    let error: String
}
