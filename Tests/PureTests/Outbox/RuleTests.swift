import Messaging
import TestKit
import Testing

@testable import Outbox

struct RetryPolicyTests {
    @Test(arguments: Seed.some(5))
    func `waits double up to the longest and keep to their upper half`(seed: Seed) {
        var random = seed.makeGenerator()
        let policy = RetryPolicy(maxAttempts: 8, first: .milliseconds(500), max: .seconds(10))
        for (attempt, full) in [(1, 0.5), (2, 1.0), (3, 2.0), (5, 8.0), (6, 10.0), (500, 10.0)] {
            let wait = policy.delay(afterAttempt: attempt, using: &random)
            #expect(wait >= .seconds(full / 2) && wait <= .seconds(full), "attempt \(attempt)")
        }
    }
}

struct FailureFateTests {
    @Test func `a permanent refusal is a dead letter at once`() {
        var random = Seed(1).makeGenerator()
        let fate = FailureFate(
            of: .permanent,
            attempts: 1,
            policy: RetryPolicy(),
            using: &random
        )
        #expect(fate == .deadLetter)
    }

    @Test func `a refusal that may pass is tried again as often as allowed`() {
        var random = Seed(1).makeGenerator()
        let policy = RetryPolicy(maxAttempts: 3)
        for attempts in 1...4 {
            let fate = FailureFate(of: .mayPass, attempts: attempts, policy: policy, using: &random)
            #expect((fate == .deadLetter) == (attempts >= 3), "attempt \(attempts)")
        }
    }
}

struct TopicTemplateTests {
    @Test(arguments: ["plain", "outbox.event.${type}", "${a}-${b}", "${a}x"])
    func `a template reads back as it was written`(text: String) {
        #expect(TopicTemplate(text)?.description == text)
    }

    @Test(arguments: ["", "a${", "${}", "x${open"])
    func `a broken template is none`(text: String) {
        #expect(TopicTemplate(text) == nil)
    }
}

struct ReadPaceTests {
    @Test func `a full read is followed at once, an empty one ever later up to the limit`() {
        var pace = ReadPace(PollRule(max: .milliseconds(100)))
        pace.note(.full, rows: 1000, bytes: 200_000)
        #expect(pace.pause == .zero)
        pace.note(.some, rows: 3, bytes: 600)
        #expect(pace.pause == .milliseconds(1))
        for _ in 0..<20 { pace.note(.nothing, rows: 0, bytes: 0) }
        #expect(pace.pause == .milliseconds(100))
    }

    @Test func `large rows make small batches`() {
        var pace = ReadPace(PollRule())
        #expect(pace.limit(budget: 64 << 20) == ReadPace.largestBatch)
        pace.note(.full, rows: 1, bytes: 1 << 20)
        #expect(pace.limit(budget: 16 << 20) == 2)
        pace.note(.full, rows: 1, bytes: 100 << 20)
        #expect(pace.limit(budget: 16 << 20) == 1)
    }
}

struct CountingTests {
    @Test func `what takes long is counted less often, but never so rarely that figures grow old`()
    {
        #expect(LeaseKeeper.pause(afterCounting: .milliseconds(1)) == .seconds(1))
        #expect(LeaseKeeper.pause(afterCounting: .milliseconds(100)) == .seconds(2))
        #expect(LeaseKeeper.pause(afterCounting: .seconds(5)) == .seconds(5))
    }
}
