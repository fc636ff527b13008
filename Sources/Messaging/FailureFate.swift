/// What a refusal means, said by the driver that saw it.
package enum Refusal: Sendable, Hashable {
    /// Trying again is pointless: the message itself is at fault.
    case permanent
    /// It may be accepted later: its topic, a permission or a limit may change.
    case mayPass
}

/// What becomes of a message that was refused.
package enum FailureFate: Sendable, Hashable {
    /// It is tried again after the wait.
    case retry(after: Duration)
    /// It is taken out of the flow and waits for a person.
    case deadLetter

    /// The one place to change the rule: `attempts` counts the refused try itself.
    package init(
        of refusal: Refusal,
        attempts: Int,
        policy: RetryPolicy,
        using generator: inout some RandomNumberGenerator
    ) {
        self =
            switch refusal {
            case .mayPass where attempts < policy.maxAttempts:
                .retry(after: policy.delay(afterAttempt: attempts, using: &generator))
            case .mayPass, .permanent: .deadLetter
            }
    }
}

/// What a refused message means for the ones behind it.
package enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
    /// Its followers of the same key wait until it was published or discarded.
    case hold
    /// Its followers pass it.
    case skip
    /// The lane waits at it, and tries it again and again.
    case stop
}
