/// What can go wrong with PostgreSQL.
///
/// No text of it holds a password, a connection string or a parameter's value.
package enum PostgresError: Error, Sendable {
    /// The connection string is not understood.
    case invalidTarget(String)
    /// A name that PostgreSQL would refuse or cut short.
    case invalidIdentifier(String)
    /// A parameter does not fit what its statement declares.
    case invalidParameter(String)
    /// No session came to be. Only some failures carry a SQLSTATE.
    case connectFailed(String, sqlState: SQLState?)
    /// The session is gone; what was under way did not commit, unless it was a COMMIT.
    case connectionLost(during: String)
    /// The server refused a statement; the session lives on.
    case rejected(PostgresRejection)
    /// The session was lost during a COMMIT: nobody here can say whether it took place.
    case outcomeUnknown(during: String)
    /// The server did not answer in time, and the session was given up.
    case deadlinePassed(during: String)
    /// The wake signal was raised while a session was being made.
    case interrupted
    /// The server answered with something that was not asked for.
    case unexpectedResult(String)
}

/// A statement that the server refused.
package struct PostgresRejection: Error, Sendable, CustomStringConvertible {
    package let sqlState: SQLState
    package let message: String
    /// What more the server says; it may hold values of the row and is not for logs.
    package let detail: String?
    package let hint: String?
    package let constraint: String?
    package let statement: String

    package init(
        sqlState: SQLState,
        message: String,
        detail: String? = nil,
        hint: String? = nil,
        constraint: String? = nil,
        statement: String
    ) {
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
        self.hint = hint
        self.constraint = constraint
        self.statement = statement
    }

    package var description: String {
        "\(sqlState) \(message) (in \(statement))"
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidTarget(let text): "PostgreSQL connection string: \(text)"
        case .invalidIdentifier(let text), .invalidParameter(let text): text
        case .connectFailed(let text, let state?): "no connection to PostgreSQL: \(state) \(text)"
        case .connectFailed(let text, nil): "no connection to PostgreSQL: \(text)"
        case .connectionLost(let activity): "connection to PostgreSQL lost during \(activity)"
        case .rejected(let rejection): "PostgreSQL refused: \(rejection)"
        case .outcomeUnknown(let activity): "lost during \(activity), its outcome is unknown"
        case .deadlinePassed(let activity): "PostgreSQL did not answer in time during \(activity)"
        case .interrupted: "interrupted while connecting to PostgreSQL"
        case .unexpectedResult(let text): "unexpected answer of PostgreSQL: \(text)"
        }
    }
}

extension PostgresError {
    package var sqlState: SQLState? {
        switch self {
        case .rejected(let rejection): rejection.sqlState
        case .connectFailed(_, let state): state
        default: nil
        }
    }

    /// The same request may succeed later, unchanged.
    package var isTransient: Bool {
        switch self {
        case .connectionLost, .outcomeUnknown, .deadlinePassed, .interrupted: true
        case .rejected(let rejection): rejection.sqlState.isTransient
        // Without a SQLSTATE nobody was reached, which passes; a missing grant does not.
        case .connectFailed(_, let state): state?.isTransient ?? true
        case .invalidTarget, .invalidIdentifier, .invalidParameter, .unexpectedResult: false
        }
    }

    /// There is no session (any more): connect again before the next request.
    package var isConnectionLoss: Bool {
        switch self {
        case .connectFailed, .connectionLost, .outcomeUnknown, .deadlinePassed: true
        default: false
        }
    }

    package var isPermission: Bool { sqlState?.isPermission ?? false }
    package var isMissingObject: Bool { sqlState?.isMissingObject ?? false }
    package var isConstraintViolation: Bool { sqlState?.isConstraintViolation ?? false }
    package var isCancellation: Bool { sqlState?.isCancellation ?? false }

    package var outcomeIsUnknown: Bool {
        switch self {
        case .outcomeUnknown: true
        case .rejected(let rejection): rejection.sqlState.outcomeIsUnknown
        default: false
        }
    }
}
