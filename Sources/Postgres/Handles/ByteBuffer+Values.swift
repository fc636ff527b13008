import FoundationEssentials

extension ByteBuffer {
    /// Appends the value's binary form; false for NULL, which has none.
    mutating func append(_ value: PostgresValue) -> Bool {
        switch value {
        case .null: return false
        case .bool(let value): put(value ? 1 as UInt8 : 0)
        case .int2(let value): put(value)
        case .int4(let value): put(value)
        case .int8(let value): put(value)
        case .float8(let value): put(value.bitPattern)
        case .text(let value), .json(let value): put(value)
        case .jsonb(let value): putJSONB(value)
        case .bytea(let value), .encoded(let value): put(value)
        case .uuid(let value): put(value)
        case .timestamptz(let value): put(value.wireValue)
        case .tid(let value): put(value)
        default: appendArray(value)
        }
        return true
    }

    private mutating func appendArray(_ value: PostgresValue) {
        switch value {
        case .boolArray(let all): putArray(all, of: .bool) { $0.put($1 ? 1 as UInt8 : 0) }
        case .int2Array(let all): putArray(all, of: .int2) { $0.put($1) }
        case .int4Array(let all): putArray(all, of: .int4) { $0.put($1) }
        case .int8Array(let all): putArray(all, of: .int8) { $0.put($1) }
        case .optionalInt8Array(let all): putOptionalArray(all, of: .int8) { $0.put($1) }
        case .float8Array(let all): putArray(all, of: .float8) { $0.put($1.bitPattern) }
        case .textArray(let all): putOptionalArray(all, of: .text) { $0.put($1) }
        case .byteaArray(let all): putOptionalArray(all, of: .bytea) { $0.put($1) }
        case .uuidArray(let all): putOptionalArray(all, of: .uuid) { $0.put($1) }
        case .jsonbArray(let all): putOptionalArray(all, of: .jsonb) { $0.putJSONB($1) }
        case .tidArray(let all): putArray(all, of: .tid) { $0.put($1) }
        case .timestamptzArray(let all):
            putOptionalArray(all, of: .timestamptz) { $0.put($1.wireValue) }
        default: preconditionFailure("\(value.type) is no array")
        }
    }

    private mutating func putHeader(count: Int, of type: PostgresType) {
        put(count == 0 ? 0 : 1 as Int32)  // dimensions; an empty array has none
        put(0 as Int32)  // whether there are NULLs, which the server finds out by itself
        put(type.rawValue)
        guard count > 0 else { return }
        put(Int32(count))
        put(1 as Int32)  // the first index
    }

    /// Elements of one fixed size, whose room is reserved at once.
    @inline(__always)
    private mutating func putArray<Element>(
        _ elements: [Element],
        of type: PostgresType,
        _ putElement: (inout ByteBuffer, Element) -> Void
    ) {
        putHeader(count: elements.count, of: type)
        let size = type.fixedSize
        reserve(elements.count * (size + 4))
        for element in elements {
            put(Int32(size))
            putElement(&self, element)
        }
    }

    @inline(__always)
    private mutating func putOptionalArray<Element>(
        _ elements: [Element?],
        of type: PostgresType,
        _ putElement: (inout ByteBuffer, Element) -> Void
    ) {
        putHeader(count: elements.count, of: type)
        for element in elements {
            let lengthAt = count
            put(-1 as Int32)
            guard let element else { continue }
            putElement(&self, element)
            replaceLength(at: lengthAt)
        }
    }

    private mutating func putJSONB(_ text: String) {
        put(1 as UInt8)  // the version of jsonb's binary form
        put(text)
    }

    private mutating func put(_ id: UUID) {
        withUnsafeBytes(of: id.uuid) { put($0) }
    }

    private mutating func put(_ location: PostgresRowLocation) {
        put(location.block)
        put(location.offset)
    }
}

extension PostgresType {
    /// The bytes of a value, for the types that always have as many.
    fileprivate var fixedSize: Int {
        switch self {
        case .bool: 1
        case .int2: 2
        case .int4: 4
        case .int8, .float8, .timestamptz: 8
        case .tid: 6
        default: preconditionFailure("\(self) has no fixed size")
        }
    }
}
