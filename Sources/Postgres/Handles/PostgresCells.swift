package import CCells
import CLibpq

/// The cells of a result, lent to another C library for the length of one call.
///
/// The holder passes `table` on and touches no pointer itself.
package struct PostgresCells {
    package let table: ccells_table

    // Safety: the table is good for as long as `result` lives; `PostgresRows.withCells` lends it
    // for the length of a call only.
    init(_ result: borrowing ResultHandle) {
        table = ccells_table(
            owner: UnsafeRawPointer(result.pointer),
            rows: PQntuples(result.pointer),
            value: { owner, row, column in
                UnsafePointer(PQgetvalue(OpaquePointer(owner), row, column))
            },
            length: { owner, row, column in PQgetlength(OpaquePointer(owner), row, column) },
            is_null: { owner, row, column in
                PQgetisnull(OpaquePointer(owner), row, column) == 1
            }
        )
    }
}
