/// How often and how soon a refused message is tried again.
package struct RetryPolicy: Sendable, Hashable {
    package var maxAttempts: Int
    package var first: Duration
    package var max: Duration

    package init(
        maxAttempts: Int = 8,
        first: Duration = .milliseconds(500),
        max: Duration = .seconds(300)
    ) {
        self.maxAttempts = maxAttempts
        self.first = first
        self.max = max
    }

    /// The wait after the given attempt (1 for the first): doubled each time up to `max`, and then
    /// drawn from its upper half, so that messages refused together do not come back together.
    package func delay(
        afterAttempt attempt: Int,
        using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let doublings = Swift.min(Swift.max(attempt - 1, 0), 40)
        let full = Swift.min(first * (1 << doublings), max)
        return full * Double.random(in: 0.5...1, using: &generator)
    }
}
