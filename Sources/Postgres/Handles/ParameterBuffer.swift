import FoundationEssentials

/// The parameters of one statement in the form libpq takes them, built in memory that is used
/// again for the next statement.
struct ParameterBuffer: ~Copyable {
    /// What libpq is lent for one call.
    struct List {
        let count: Int32
        let types: UnsafePointer<UInt32>?
        let values: UnsafePointer<UnsafePointer<CChar>?>?
        let lengths: UnsafePointer<Int32>?
        let formats: UnsafePointer<Int32>?
    }

    /// More than this is given back after use.
    private static let keptCapacity = 1 << 20

    private var bytes = ByteBuffer()
    private var offsets: [Int] = []
    private var types: [UInt32] = []
    private var values: [UnsafePointer<CChar>?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    /// Replaces what was there.
    ///
    /// A value must be of the declared type, where one is declared: in binary a mismatch could be
    /// read as another value.
    mutating func encode(
        _ parameters: [PostgresValue],
        as declared: [PostgresType],
        for statement: String
    ) throws(PostgresError) {
        clear()
        for (index, value) in parameters.enumerated() {
            let type = index < declared.count ? declared[index] : .inferred
            guard type == .inferred || type == value.type || value.type == .inferred else {
                throw .invalidParameter(
                    "parameter \(index + 1) of \(statement) is \(value.type), declared \(type)"
                )
            }
            types.append(type == .inferred ? value.type.rawValue : type.rawValue)
            append(value)
        }
        fixPointers()
    }

    /// Forgets the values, and gives back memory that was unusually large.
    mutating func clear() {
        bytes.clear(keeping: Self.keptCapacity)
        offsets.removeAll(keepingCapacity: true)
        types.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
    }

    // Safety: the arrays and the bytes behind `values` outlive `body`, and libpq copies them.
    func withList<R>(_ body: (List) -> R) -> R {
        types.withUnsafeBufferPointer { types in
            values.withUnsafeBufferPointer { values in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(
                            List(
                                count: Int32(types.count),
                                types: types.baseAddress,
                                values: values.baseAddress,
                                lengths: lengths.baseAddress,
                                formats: formats.baseAddress
                            )
                        )
                    }
                }
            }
        }
    }

    private mutating func append(_ value: PostgresValue) {
        let start = bytes.count
        let isNull = !bytes.append(value)
        offsets.append(isNull ? -1 : start)
        lengths.append(Int32(bytes.count - start))
        formats.append(1)
    }

    /// Called when the bytes have found their last place.
    private mutating func fixPointers() {
        let start = bytes.start
        for offset in offsets {
            values.append(offset < 0 ? nil : start.advanced(by: offset))
        }
    }
}
