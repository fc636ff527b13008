import Messaging
import Testing

@testable import Inbox

/// A lane and its link to the reader, without a reader.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxLaneTests {
    @Test func `what a lane works on is counted until it is finished, whoever let go of it`() throws
    {
        let link = InboxLink(Self.definition)
        let survey = try survey([WrittenRecord(id: "a"), WrittenRecord(id: "b")])
        for row: Int32 in 0...1 {
            link.hand(LaneBatch(survey, rows: [row], moves: []), to: 0)
        }
        let batch = try #require(link.take(0, within: .zero))
        link.discardAll(within: .zero)
        #expect(link.state.withLock { $0.bytes } == batch.byteCount)
        link.finish(0)
        #expect(link.state.withLock { $0.bytes } == 0)
    }

    private static let definition = InboxDefinition(
        name: "accounts",
        database: "db",
        kafka: "kafka",
        topics: ["events"],
        apply: .store
    )
}
