/// What the writers have done so far.
package struct DemoTally: Sendable {
    package var transactions = 0
    package var rolledBack = 0
    /// Transactions that committed long after later ids had been published.
    package var late = 0
    /// Messages that were written a second time, with the same id.
    package var repeated = 0

    package init() {}
}
