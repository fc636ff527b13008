import Glibc

/// What a random test starts from; it stands in the test's name, so that a failure can be repeated.
package struct Seed: Sendable, Hashable, CustomStringConvertible {
    package let value: UInt64

    package init(_ value: UInt64) { self.value = value }

    /// New seeds for a run, or the one that `POSTBOX_TEST_SEED` asks for.
    package static func some(_ count: Int = 1) -> [Seed] {
        if let wanted = getenv("POSTBOX_TEST_SEED").flatMap({ UInt64(String(cString: $0)) }) {
            return [Seed(wanted)]
        }
        return (0..<count).map { _ in Seed(UInt64.random(in: 0...UInt64.max)) }
    }

    package var description: String { "POSTBOX_TEST_SEED=\(value)" }

    package func makeGenerator() -> SeededGenerator { SeededGenerator(seed: value) }
}

/// SplitMix64: the same numbers for the same seed, on every machine.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
