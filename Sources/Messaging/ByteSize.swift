/// An amount of memory or payload in bytes.
package struct ByteSize: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let bytes: Int

    package init(bytes: Int) {
        self.bytes = bytes
    }

    package static func kibibytes(_ count: Int) -> Self { Self(bytes: count << 10) }
    package static func mebibytes(_ count: Int) -> Self { Self(bytes: count << 20) }

    package static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }

    /// The size in the largest unit that divides it, as configuration writes it: `64MiB`.
    package var description: String {
        for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")]
        where bytes != 0 && bytes & ((1 << shift) - 1) == 0 {
            return "\(bytes >> shift)\(unit)"
        }
        return "\(bytes)B"
    }
}
