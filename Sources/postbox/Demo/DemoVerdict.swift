/// Whether one service's copy of the products has become what the other service made them.
package struct DemoVerdict: Sendable, Hashable, Codable, CustomStringConvertible {
    package var committed = 0
    package var applied = 0
    /// Changes that were committed and not applied.
    package var lost = 0
    /// Changes that were applied once too often, or never committed.
    package var surplus = 0
    /// Changes that did not follow on the one before.
    package var outOfOrder = 0
    /// Products whose last state is another one.
    package var different = 0

    package init() {}

    package var isExact: Bool { lost + surplus + outOfOrder + different == 0 }

    package var description: String {
        "\(lost) lost, \(surplus) applied twice, \(outOfOrder) out of order, "
            + "\(different) products different"
    }

    /// Compares one product; nil where it has never been applied.
    package mutating func compare(_ product: Product, with copy: Copy?) {
        let changes = copy?.timesChanged ?? 0
        committed += product.version
        applied += changes
        lost += max(0, product.version - changes)
        surplus += max(0, changes - product.version)
        outOfOrder += copy?.timesAstray ?? 0
        guard product.version > 0 else { return }
        if copy?.state != product { different += 1 }
    }

    /// A product as it stands in a table.
    package struct Product: Sendable, Hashable {
        package var version: Int
        package var price: String

        package init(version: Int, price: String) {
            self.version = version
            self.price = price
        }
    }

    /// The other service's copy, and what its handler has counted.
    package struct Copy: Sendable, Hashable {
        package var state: Product
        package var timesChanged: Int
        package var timesAstray: Int

        package init(state: Product, timesChanged: Int, timesAstray: Int) {
            self.state = state
            self.timesChanged = timesChanged
            self.timesAstray = timesAstray
        }
    }
}
