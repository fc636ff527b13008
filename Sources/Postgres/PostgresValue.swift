package import FoundationEssentials

/// A parameter of a statement.
///
/// It travels in binary, so that no value is quoted or cut at a NUL.
package enum PostgresValue: Sendable {
    case null
    case bool(Bool)
    case int2(Int16)
    case int4(Int32)
    case int8(Int64)
    case float8(Double)
    case text(String)
    case bytea([UInt8])
    case uuid(UUID)
    case json(String)
    case jsonb(String)
    case timestamptz(PostgresTimestamp)
    case tid(PostgresRowLocation)
    case boolArray([Bool])
    case int2Array([Int16])
    case int4Array([Int32])
    case int8Array([Int64])
    case optionalInt8Array([Int64?])
    case float8Array([Double])
    case textArray([String?])
    case byteaArray([[UInt8]?])
    case uuidArray([UUID?])
    case jsonbArray([String?])
    case timestamptzArray([PostgresTimestamp?])
    case tidArray([PostgresRowLocation])
    /// The binary form of a type that the server works out.
    case encoded([UInt8])

    /// The type it is sent as, where the statement does not say.
    package var type: PostgresType {
        switch self {
        case .null, .encoded: .inferred
        case .bool: .bool
        case .int2: .int2
        case .int4: .int4
        case .int8: .int8
        case .float8: .float8
        case .text: .text
        case .bytea: .bytea
        case .uuid: .uuid
        case .json: .json
        case .jsonb: .jsonb
        case .timestamptz: .timestamptz
        case .tid: .tid
        case .boolArray: .boolArray
        case .int2Array: .int2Array
        case .int4Array: .int4Array
        case .int8Array, .optionalInt8Array: .int8Array
        case .float8Array: .float8Array
        case .textArray: .textArray
        case .byteaArray: .byteaArray
        case .uuidArray: .uuidArray
        case .jsonbArray: .jsonbArray
        case .timestamptzArray: .timestamptzArray
        case .tidArray: .tidArray
        }
    }
}

/// A point of time as PostgreSQL keeps it, counted from 1970 like everywhere else.
package struct PostgresTimestamp: Sendable, Hashable, Comparable {
    package let microsecondsSince1970: Int64

    /// PostgreSQL counts from the first of January 2000.
    private static let epochDifference: Int64 = 946_684_800_000_000

    package static let infinity = PostgresTimestamp(microsecondsSince1970: .max)
    package static let negativeInfinity = PostgresTimestamp(microsecondsSince1970: .min)

    package init(microsecondsSince1970: Int64) {
        self.microsecondsSince1970 = microsecondsSince1970
    }

    init(wireValue: Int64) {
        let (sum, overflow) = wireValue.addingReportingOverflow(Self.epochDifference)
        let isInfinite = wireValue == .max || wireValue == .min || overflow
        microsecondsSince1970 = isInfinite ? (wireValue < 0 ? .min : .max) : sum
    }

    var wireValue: Int64 {
        guard microsecondsSince1970 != .max else { return .max }
        let (difference, overflow) =
            microsecondsSince1970.subtractingReportingOverflow(Self.epochDifference)
        return overflow ? .min : difference
    }

    package static func < (left: PostgresTimestamp, right: PostgresTimestamp) -> Bool {
        left.microsecondsSince1970 < right.microsecondsSince1970
    }
}

/// Where a row version lies in its table, `ctid` in SQL.
///
/// It is good for as long as nobody updates the row or vacuums the table.
package struct PostgresRowLocation: Sendable, Hashable {
    package let block: UInt32
    package let offset: UInt16

    package init(block: UInt32, offset: UInt16) {
        self.block = block
        self.offset = offset
    }
}
