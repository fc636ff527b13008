import Control
import FoundationEssentials
package import Messaging

private let inbox = Argument<String>("INBOX", help: "The inbox.")
private let topic = Option<String?>("topic", value: "TOPIC", help: "In this topic alone.")
private let partition = Option<Int?>("partition", value: "N", help: "In this partition alone.")
private let target = Option<SeekWord?>(
    "to",
    value: "PLACE",
    help: "earliest, latest, an offset, or a time such as 2026-01-31T08:00:00Z."
)
private let apply = Flag("apply", help: "Do it; else it is only shown.")

/// `postbox seek`: where an inbox goes on.
package func seekCommand() -> Command {
    Command(
        "seek",
        abstract: "Move the positions of an inbox: read messages again, or skip some.",
        discussion: """
            Shows for each partition the position now and the new one, and how many offsets will \
            be read again or skipped; with --apply it is done, and the inbox goes on from there at \
            once. Messages that were seen within the window are recognised when they are read \
            again, unless the inbox has dedup.mode: none.
            """,
        examples: [
            .init("postbox seek delivery --to 2026-01-31T08:00:00Z", "what would it mean?"),
            .init("postbox seek delivery --to earliest --apply", "read all there is again"),
            .init(
                "postbox seek delivery --topic product.events --partition 3 --to 4711 --apply",
                "go on at one offset"
            ),
        ],
        accepts: [
            inbox, target, topic, partition, apply, ControlOptions.json, ControlOptions.socket,
            ControlOptions.config,
        ]
    ) { invocation in
        guard let place = invocation[target] else {
            invocation.note("say where to go: --to earliest, latest, an offset or a time")
            return .usage
        }
        let order = SeekOrder(
            inbox: invocation[inbox],
            topic: invocation[topic],
            partition: invocation[partition].map { Int32(clamping: $0) },
            to: place.target,
            applies: invocation[apply]
        )
        let plan = try invocation.controlClient().seek(order)
        if invocation[ControlOptions.json] {
            try invocation.print(json: plan)
        } else {
            invocation.print(SeekTable(plan).lines)
        }
        if !plan.isApplied { invocation.note("nothing was changed; --apply does it") }
        return .ok
    }
}

/// A place as the command line has it.
package struct SeekWord: CommandValue {
    package let target: SeekTarget

    package init?(argument: String) {
        switch argument {
        case "earliest": target = .earliest
        case "latest": target = .latest
        default:
            if let offset = Int64(argument), offset >= 0 {
                target = .offset(offset)
            } else if let milliseconds = Self.milliseconds(argument) {
                target = .time(milliseconds: milliseconds)
            } else {
                return nil
            }
        }
    }

    package static var expectation: String {
        "earliest, latest, an offset, or a time such as 2026-01-31T08:00:00Z"
    }

    private static func milliseconds(_ text: String) -> Int64? {
        let styles = [
            Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true),
            Date.ISO8601FormatStyle().year().month().day(),
        ]
        for style in styles {
            // A text that one style does not fit may fit the next.
            if let date = try? style.parse(text) {
                return Int64((date.timeIntervalSince1970 * 1000).rounded())
            }
        }
        return nil
    }
}
