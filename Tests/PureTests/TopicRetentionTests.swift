import Testing
import postbox

struct TopicRetentionTests {
    @Test(arguments: [
        ([:], TopicRetention.unknown, false),
        (["retention.ms": "604800000"], .limited(.seconds(604_800)), false),
        (["retention.ms": "604800001"], .limited(.milliseconds(604_800_001)), true),
        (["retention.ms": "-1"], .forever, true),
        (["retention.ms": "1000", "cleanup.policy": "compact"], .forever, true),
        (
            ["retention.ms": "1000", "cleanup.policy": "compact,delete"],
            .limited(.seconds(1)), false
        ),
    ])
    func `it is read from the topic's settings, and compared with a week`(
        settings: [String: String],
        retention: TopicRetention,
        isLonger: Bool
    ) {
        #expect(TopicRetention(settings) == retention)
        #expect(TopicRetention(settings).isLonger(than: .seconds(7 * 86_400)) == isLonger)
    }
}
