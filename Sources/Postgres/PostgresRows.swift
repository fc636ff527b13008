import CLibpq
package import FoundationEssentials

/// The result of one statement: rows in libpq's own memory, decoded when asked for.
///
/// The statement's own column list makes the types. To ask for another type, or for the value of a
/// NULL, is a programmer's error.
package struct PostgresRows: ~Copyable, Sendable {
    let handle: ResultHandle

    init(_ handle: consuming ResultHandle) {
        self.handle = handle
    }

    package var count: Int { Int(PQntuples(handle.pointer)) }
    package var columnCount: Int { Int(PQnfields(handle.pointer)) }

    /// How many rows the statement inserted, updated, deleted, moved or selected.
    package var affectedCount: Int {
        PQcmdTuples(handle.pointer).flatMap { Int(String(cString: $0)) } ?? 0
    }

    /// What the statement did, such as `INSERT 0 1`.
    package var commandTag: String { handle.commandTag }

    /// The memory it takes up, until it goes out of scope.
    package var byteSize: Int { Int(PQresultMemorySize(handle.pointer)) }

    package func columnName(_ column: Int) -> String {
        PQfname(handle.pointer, Int32(column)).map { String(cString: $0) } ?? ""
    }

    /// The first column of exactly this name.
    package func column(named name: String) -> Int? {
        (0..<columnCount).first { columnName($0) == name }
    }

    /// The number of the column's type; nil for one that `PostgresType` does not know.
    package func type(ofColumn column: Int) -> PostgresType? {
        PostgresType(rawValue: PQftype(handle.pointer, Int32(column)))
    }

    package func isNull(_ row: Int, _ column: Int) -> Bool {
        PQgetisnull(handle.pointer, Int32(row), Int32(column)) == 1
    }

    /// The length in bytes, without decoding; zero for NULL.
    package func length(_ row: Int, _ column: Int) -> Int {
        Int(PQgetlength(handle.pointer, Int32(row), Int32(column)))
    }

    /// Lends all cells to another C library.
    package func withCells<R>(_ body: (PostgresCells) throws -> R) rethrows -> R {
        try body(PostgresCells(handle))
    }

    /// Appends a whole column of integers, in the order of the rows.
    package func copyInt64Column(_ column: Int, into numbers: inout [Int64]) {
        numbers.reserveCapacity(numbers.count + count)
        for row in 0..<count {
            numbers.append(int64(row, column))
        }
    }

    /// The bytes of a cell, good for as long as the rows live.
    func cell(_ row: Int, _ column: Int) -> WireReader {
        let (row, column) = (Int32(row), Int32(column))
        guard let value = PQgetvalue(handle.pointer, row, column),
            PQgetisnull(handle.pointer, row, column) == 0
        else { preconditionFailure("row \(row) has no value in column \(column)") }
        let length = Int(PQgetlength(handle.pointer, row, column))
        // Safety: libpq says how long its own value is.
        return WireReader(UnsafeRawBufferPointer(start: value, count: length))
    }

    private func cellOrNil(_ row: Int, _ column: Int) -> WireReader? {
        isNull(row, column) ? nil : cell(row, column)
    }
}

extension PostgresRows {
    /// Any of the three integer types.
    package func int64(_ row: Int, _ column: Int) -> Int64 { cell(row, column).integer() }

    package func int64OrNil(_ row: Int, _ column: Int) -> Int64? {
        cellOrNil(row, column)?.integer()
    }

    package func int(_ row: Int, _ column: Int) -> Int { Int(int64(row, column)) }

    package func bool(_ row: Int, _ column: Int) -> Bool { cell(row, column).bool() }

    package func boolOrNil(_ row: Int, _ column: Int) -> Bool? { cellOrNil(row, column)?.bool() }

    package func double(_ row: Int, _ column: Int) -> Double { cell(row, column).double() }

    package func doubleOrNil(_ row: Int, _ column: Int) -> Double? {
        cellOrNil(row, column)?.double()
    }

    /// Text in any of its types, `json` included; not `jsonb`.
    package func text(_ row: Int, _ column: Int) -> String { cell(row, column).text() }

    package func textOrNil(_ row: Int, _ column: Int) -> String? { cellOrNil(row, column)?.text() }

    package func jsonb(_ row: Int, _ column: Int) -> String { cell(row, column).jsonb() }

    package func jsonbOrNil(_ row: Int, _ column: Int) -> String? {
        cellOrNil(row, column)?.jsonb()
    }

    package func bytes(_ row: Int, _ column: Int) -> [UInt8] { cell(row, column).byteArray() }

    package func bytesOrNil(_ row: Int, _ column: Int) -> [UInt8]? {
        cellOrNil(row, column)?.byteArray()
    }

    package func uuid(_ row: Int, _ column: Int) -> UUID { cell(row, column).uuid() }

    package func uuidOrNil(_ row: Int, _ column: Int) -> UUID? { cellOrNil(row, column)?.uuid() }

    /// The value of a `timestamptz`.
    package func timestamp(_ row: Int, _ column: Int) -> PostgresTimestamp {
        cell(row, column).timestamp()
    }

    package func timestampOrNil(_ row: Int, _ column: Int) -> PostgresTimestamp? {
        cellOrNil(row, column)?.timestamp()
    }

    package func rowLocation(_ row: Int, _ column: Int) -> PostgresRowLocation {
        cell(row, column).rowLocation()
    }

    /// An array of any of the three integer types, without NULLs.
    package func int64Array(_ row: Int, _ column: Int) -> [Int64] {
        cell(row, column).array { $0.integer() }.map { element in
            guard let element else { preconditionFailure("an array of integers holds a NULL") }
            return element
        }
    }

    package func textArray(_ row: Int, _ column: Int) -> [String?] {
        cell(row, column).array { $0.text() }
    }

    package func bytesArray(_ row: Int, _ column: Int) -> [[UInt8]?] {
        cell(row, column).array { $0.byteArray() }
    }

    package func uuidArray(_ row: Int, _ column: Int) -> [UUID?] {
        cell(row, column).array { $0.uuid() }
    }

    package func boolArray(_ row: Int, _ column: Int) -> [Bool?] {
        cell(row, column).array { $0.bool() }
    }

    package func optionalInt64Array(_ row: Int, _ column: Int) -> [Int64?] {
        cell(row, column).array { $0.integer() }
    }

    package func doubleArray(_ row: Int, _ column: Int) -> [Double?] {
        cell(row, column).array { $0.double() }
    }

    package func jsonbArray(_ row: Int, _ column: Int) -> [String?] {
        cell(row, column).array { $0.jsonb() }
    }

    package func timestampArray(_ row: Int, _ column: Int) -> [PostgresTimestamp?] {
        cell(row, column).array { $0.timestamp() }
    }

    package func rowLocationArray(_ row: Int, _ column: Int) -> [PostgresRowLocation?] {
        cell(row, column).array { $0.rowLocation() }
    }
}
