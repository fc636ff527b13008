/// Bytes in memory that grows, is used again, and is written without a check per byte.
struct ByteBuffer: ~Copyable {
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    init() {
        capacity = 4096
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        memory.deallocate()
    }

    /// The first byte, until the next append.
    var start: UnsafePointer<CChar> {
        // Safety: bytes may be looked at as characters; the memory is never typed otherwise.
        UnsafePointer(memory.assumingMemoryBound(to: CChar.self))
    }

    mutating func clear(keeping kept: Int) {
        count = 0
        guard capacity > kept else { return }
        memory.deallocate()
        capacity = kept
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    mutating func reserve(_ additional: Int) {
        guard count + additional > capacity else { return }
        capacity = max(capacity * 2, count + additional)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: memory, byteCount: count)
        memory.deallocate()
        memory = larger
    }

    /// In the order of the wire, most significant byte first.
    mutating func put<Number: FixedWidthInteger>(_ number: Number) {
        reserve(MemoryLayout<Number>.size)
        // Safety: the room was reserved, and storing needs no alignment.
        memory.storeBytes(of: number.bigEndian, toByteOffset: count, as: Number.self)
        count += MemoryLayout<Number>.size
    }

    /// Writes over a length that was put before its value: all that came after it.
    mutating func replaceLength(at offset: Int) {
        let length = Int32(count - offset - MemoryLayout<Int32>.size)
        memory.storeBytes(of: length.bigEndian, toByteOffset: offset, as: Int32.self)
    }

    mutating func put(_ source: UnsafeRawBufferPointer) {
        guard let first = source.baseAddress else { return }
        reserve(source.count)
        memory.advanced(by: count).copyMemory(from: first, byteCount: source.count)
        count += source.count
    }

    mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { put(UnsafeRawBufferPointer($0)) }
    }

    mutating func put(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { put($0) }
    }
}
