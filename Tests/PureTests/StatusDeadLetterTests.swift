import Control
import FoundationEssentials
import Messaging
import Testing
import postbox

/// What `postbox dead-letters` prints, as golden text.
struct StatusDeadLetterTests {
    private var dead: DeadLetter {
        var letter = DeadLetter(
            .outbox("shop"),
            id: 4711,
            state: .dead,
            attempts: 8,
            parkedAt: "2026-01-02T03:04:05Z"
        )
        letter.messageID = "5f0c4b0e-6f5a-4c5e-9d0e-1f2a3b4c5d6e"
        letter.topic = "orders"
        letter.key = "customer-7"
        letter.type = "OrderPlaced"
        letter.reason = "the record is too large"
        letter.payloadBytes = 2_097_152
        letter.followers = 14
        return letter
    }

    private func sheet(_ payload: Data?, headers: String? = nil) -> [String] {
        DeadLetterSheet(DeadLetterDetail(letter: dead, headers: headers, payload: payload)).lines
    }

    @Test func `each dead letter is a row that says why`() {
        let held = DeadLetter(
            .inbox("delivery"),
            id: 4712,
            state: .held,
            attempts: 0,
            parkedAt: "2026-01-02T03:04:06Z"
        )
        #expect(
            DeadLetterTable([dead, held]).lines.joined(separator: "\n") == """
                FROM              ID  STATE  KEY         TYPE         TOPIC   ATTEMPTS     SIZE  \
                BEHIND IT  SINCE                 REASON
                outbox shop     4711  dead   customer-7  OrderPlaced  orders         8  2.0 MiB  \
                       14  2026-01-02T03:04:05Z  the record is too large
                inbox delivery  4712  held   -           -            -              0        -  \
                        -  2026-01-02T03:04:06Z  -
                """
        )
    }

    @Test func `a sheet tells all that is known, and the payload last`() {
        let text = sheet(Data("{\"total\":\n42}\u{1B}".utf8), headers: "{\"a\":\"b\"}")
        #expect(
            text.joined(separator: "\n") == """
                outbox      shop
                id          4711
                message id  5f0c4b0e-6f5a-4c5e-9d0e-1f2a3b4c5d6e
                topic       orders
                key         customer-7
                type        OrderPlaced
                state       dead
                reason      the record is too large
                attempts    8
                since       2026-01-02T03:04:05Z
                behind it   14
                headers     {"a":"b"}
                payload     2.0 MiB, of which the first 14 B

                {"total":
                42}\\u{1B}
                """
        )
    }

    @Test func `a tombstone has no payload, and bytes are not thrown at a terminal`() {
        #expect(sheet(nil).last == "payload     none (a tombstone)")
        #expect(sheet(Data([0xFF, 0])).last?.contains("--payload FILE") == true)
    }
}
