/// What a run comes to: whether every committed message arrived, each key in order, nothing else.
package struct DeliveryVerdict: Sendable, Hashable, Codable, CustomStringConvertible {
    package var committed: Int
    /// Different messages; repetitions are counted apart.
    package var arrived: Int
    package var lost: Int
    /// Arrived again, which is allowed after a crash.
    package var repeated: Int
    /// First arrived after a later message of the same key.
    package var swapped: Int
    /// Arrived and never committed.
    package var phantom: Int

    package init(
        committed: Int,
        arrived: Int,
        lost: Int = 0,
        repeated: Int = 0,
        swapped: Int = 0,
        phantom: Int = 0
    ) {
        self.committed = committed
        self.arrived = arrived
        self.lost = lost
        self.repeated = repeated
        self.swapped = swapped
        self.phantom = phantom
    }

    package var isClean: Bool { lost == 0 && swapped == 0 && phantom == 0 }

    package var description: String {
        "\(lost) lost, \(phantom) never committed, \(swapped) out of order, \(repeated) repeated"
    }
}
