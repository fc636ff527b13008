import FoundationEssentials

/// Reads one value in PostgreSQL's binary form.
///
/// A value of another length than its type's is a programmer's error: the statement says what its
/// columns are.
struct WireReader {
    private let bytes: UnsafeRawBufferPointer

    /// Borrows the bytes, which the maker keeps alive.
    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    @inline(__always)
    func integer() -> Int64 {
        switch bytes.count {
        case 8: Int64(number(at: 0, as: Int64.self))
        case 4: Int64(number(at: 0, as: Int32.self))
        case 2: Int64(number(at: 0, as: Int16.self))
        default: preconditionFailure("\(bytes.count) bytes are no integer")
        }
    }

    func bool() -> Bool {
        precondition(bytes.count == 1, "\(bytes.count) bytes are no boolean")
        return bytes[0] != 0
    }

    func double() -> Double {
        precondition(bytes.count == 8, "\(bytes.count) bytes are no double")
        return Double(bitPattern: number(at: 0, as: UInt64.self))
    }

    func text() -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    func byteArray() -> [UInt8] {
        Array(bytes)
    }

    func jsonb() -> String {
        precondition(bytes.first == 1, "not the binary form of jsonb")
        return String(decoding: bytes.dropFirst(), as: UTF8.self)
    }

    func uuid() -> UUID {
        precondition(bytes.count == 16, "\(bytes.count) bytes are no UUID")
        // Safety: 16 bytes are there, and a tuple of bytes needs no alignment.
        return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }

    func timestamp() -> PostgresTimestamp {
        precondition(bytes.count == 8, "\(bytes.count) bytes are no timestamp")
        return PostgresTimestamp(wireValue: number(at: 0, as: Int64.self))
    }

    func rowLocation() -> PostgresRowLocation {
        precondition(bytes.count == 6, "\(bytes.count) bytes are no row location")
        return PostgresRowLocation(
            block: number(at: 0, as: UInt32.self),
            offset: number(at: 4, as: UInt16.self)
        )
    }

    /// The elements of an array of one dimension; nil for those that are NULL.
    func array<Element>(_ read: (WireReader) -> Element) -> [Element?] {
        let dimensions = number(at: 0, as: Int32.self)
        guard dimensions > 0 else { return [] }
        precondition(dimensions == 1, "an array of \(dimensions) dimensions")
        var elements: [Element?] = []
        elements.reserveCapacity(Int(number(at: 12, as: Int32.self)))
        var offset = 20
        while offset < bytes.count {
            let length = Int(number(at: offset, as: Int32.self))
            offset += 4
            elements.append(length < 0 ? nil : read(WireReader(rebased(offset, length))))
            offset += max(0, length)
        }
        return elements
    }

    private func rebased(_ offset: Int, _ length: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
    }

    @inline(__always)
    private func number<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type) -> Number {
        precondition(offset + MemoryLayout<Number>.size <= bytes.count, "a value is cut short")
        // Safety: checked just above; loading needs no alignment.
        return Number(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
    }
}
