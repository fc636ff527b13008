import CLibpq

/// One result of libpq, freed with its owner.
// Safety: a PGresult is only read after libpq hands it out, and it has
// one owner.
struct ResultHandle: ~Copyable, @unchecked Sendable {
    enum Status {
        case rows
        case failed
        case aborted
        case synced
        case copy
    }

    let pointer: OpaquePointer

    /// Takes ownership.
    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQclear(pointer)
    }

    var status: Status {
        switch PQresultStatus(pointer) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY, PGRES_SINGLE_TUPLE: .rows
        case PGRES_PIPELINE_ABORTED: .aborted
        case PGRES_PIPELINE_SYNC: .synced
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: .copy
        default: .failed
        }
    }

    var isCopyIn: Bool { PQresultStatus(pointer) == PGRES_COPY_IN }

    /// What the statement did, such as `COMMIT`.
    var commandTag: String {
        PQcmdStatus(pointer).map { String(cString: $0) } ?? ""
    }

    /// The error came with FATAL or PANIC: the server closes the session.
    var isFatal: Bool {
        let severity = field(.severity)
        return severity == "FATAL" || severity == "PANIC"
    }

    /// What the server said, or nil where the error is libpq's own.
    func rejection(of statement: String) -> PostgresRejection? {
        guard let state = field(.sqlState).flatMap({ SQLState($0) }) else { return nil }
        return PostgresRejection(
            sqlState: state,
            message: field(.message) ?? "",
            detail: field(.detail),
            hint: field(.hint),
            constraint: field(.constraint),
            statement: statement
        )
    }

    var errorText: String {
        PQresultErrorMessage(pointer).map { firstLine(of: String(cString: $0)) } ?? ""
    }

    private func field(_ field: ErrorField) -> String? {
        let code = Int32(field.rawValue.value)
        return PQresultErrorField(pointer, code).map { String(cString: $0) }
    }

    /// The letters of the protocol, whose macros (`PG_DIAG_…`) Swift does not import.
    private enum ErrorField: Unicode.Scalar {
        case severity = "V"
        case sqlState = "C"
        case message = "M"
        case detail = "D"
        case hint = "H"
        case constraint = "n"
    }
}

/// The line that says what happened; libpq's advice stands on those after it.
func firstLine(of text: String) -> String {
    String(text.prefix { !$0.isNewline })
}
