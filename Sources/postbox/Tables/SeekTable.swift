package import Messaging

/// What `postbox seek` prints.
package struct SeekTable {
    private let plan: SeekPlan

    package init(_ plan: SeekPlan) {
        self.plan = plan
    }

    package var lines: [String] {
        var table = TextTable([
            "TOPIC", .right("PARTITION"), .right("NOW"), .right("NEW"), .right("READ AGAIN"),
            .right("SKIPPED"),
        ])
        for move in plan.moves {
            table.append([
                move.topic.printable, String(move.partition), move.now.map(String.init) ?? "-",
                String(move.new), HumanUnits.grouped(move.repeated),
                HumanUnits.grouped(move.skipped),
            ])
        }
        return table.lines() + ["", summary]
    }

    private var summary: String {
        let again = plan.moves.reduce(0) { $0 + $1.repeated }
        let skipped = plan.moves.reduce(0) { $0 + $1.skipped }
        let done = plan.isApplied
        var parts = [
            "\(HumanUnits.grouped(again)) \(done ? "are" : "would be") read again",
            "\(HumanUnits.grouped(skipped)) \(done ? "are" : "would be") skipped",
        ]
        if again > 0 {
            parts.append(
                plan.recognisesRepeats
                    ? "what was seen within the window is recognised and not applied again"
                    : "without recognition of repeats (dedup.mode: none), they are applied again"
            )
        }
        return "inbox \(plan.inbox): " + parts.joined(separator: "; ")
    }
}
