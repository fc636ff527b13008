/// The five characters by which PostgreSQL names a condition, and the one table of what they mean.
package struct SQLState: Sendable, Hashable, CustomStringConvertible {
    package let code: String

    /// Nil unless it is five digits or capital letters.
    package init?(_ code: String) {
        let isWellFormed = code.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
        }
        guard code.utf8.count == 5, isWellFormed else { return nil }
        self.code = code
    }

    package var description: String { code }

    /// The same request may well succeed later, unchanged.
    package var isTransient: Bool { facts.contains(.transient) }

    /// The session is gone, or the server takes none at the moment.
    package var isConnectionLoss: Bool { facts.contains(.connectionLoss) }

    /// A grant, a role or a password is missing.
    package var isPermission: Bool { facts.contains(.permission) }

    /// A table, column, function, schema or database is not there.
    package var isMissingObject: Bool { facts.contains(.missingObject) }

    /// A row broke a constraint.
    package var isConstraintViolation: Bool { facts.contains(.constraint) }

    /// Someone asked for the end of the statement, or its `statement_timeout` did.
    package var isCancellation: Bool { facts.contains(.cancellation) }

    /// Nobody can say whether the transaction was committed.
    package var outcomeIsUnknown: Bool { facts.contains(.outcomeUnknown) }

    /// The server no longer knows the prepared statement, or its result has another shape now.
    package var isStaleStatement: Bool { facts.contains(.staleStatement) }

    /// The longest entry that fits decides: a whole code before its class.
    private var facts: Facts {
        Self.table[code] ?? Self.table[String(code.prefix(2))] ?? []
    }
}

extension SQLState {
    private struct Facts: OptionSet {
        let rawValue: UInt16

        static let transient = Facts(rawValue: 1)
        static let connectionLoss = Facts(rawValue: 2)
        static let permission = Facts(rawValue: 4)
        static let missingObject = Facts(rawValue: 8)
        static let constraint = Facts(rawValue: 16)
        static let cancellation = Facts(rawValue: 32)
        static let outcomeUnknown = Facts(rawValue: 64)
        static let staleStatement = Facts(rawValue: 128)
    }

    private static let table: [String: Facts] = [
        "08": [.transient, .connectionLoss],  // connection exception
        "08007": [.transient, .connectionLoss, .outcomeUnknown],  // transaction resolution unknown
        "08P01": [],  // protocol violation: a bug, and not cured by trying again
        "0A000": .staleStatement,  // "cached plan must not change result type"; else unsupported
        "23": .constraint,
        "25006": .transient,  // read-only transaction: after a failover, a standby
        "25P03": [.transient, .connectionLoss],  // idle in transaction for too long
        "26000": .staleStatement,  // no such prepared statement
        "28": .permission,
        "3D000": .missingObject,  // database
        "3F000": .missingObject,  // schema
        "40": .transient,  // rolled back: serialization, deadlock
        "40002": .constraint,  // by an integrity constraint
        "40003": [.transient, .outcomeUnknown],  // statement completion unknown
        "42501": .permission,
        "42703": .missingObject,  // column
        "42704": .missingObject,  // type, role and others
        "42883": .missingObject,  // function
        "42P01": .missingObject,  // table
        "53": .transient,  // disk full, out of memory, too many connections
        "55006": .transient,  // object in use
        "55P03": .transient,  // lock not available
        "57014": .cancellation,
        "57P01": [.transient, .connectionLoss],  // terminated by an administrator
        "57P02": [.transient, .connectionLoss],  // another backend crashed
        "57P03": [.transient, .connectionLoss],  // starting up or shutting down
        "57P04": [.connectionLoss, .missingObject],  // the database was dropped
        "57P05": [.transient, .connectionLoss],  // idle for too long
        "58": .transient,  // system error, input or output error
        "58P01": .missingObject,  // file
    ]
}
