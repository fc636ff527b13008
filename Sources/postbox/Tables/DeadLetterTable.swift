package import Messaging

/// What `postbox dead-letters list` prints.
package struct DeadLetterTable {
    private let letters: [DeadLetter]

    package init(_ letters: [DeadLetter]) {
        self.letters = letters
    }

    package var lines: [String] {
        var table = TextTable([
            "FROM", .right("ID"), "STATE", "KEY", "TYPE", "TOPIC", .right("ATTEMPTS"),
            .right("SIZE"), .right("BEHIND IT"), "SINCE", "REASON",
        ])
        for letter in letters {
            table.append(Self.cells(of: letter).map { $0?.printable ?? "-" })
        }
        return table.lines()
    }

    private static func cells(of letter: DeadLetter) -> [String?] {
        [
            "\(letter.mailbox)", String(letter.id), letter.state.rawValue, letter.key, letter.type,
            letter.topic, String(letter.attempts),
            letter.payloadBytes.map { HumanUnits.bytes(Int64($0)) },
            letter.followers.map(HumanUnits.count), letter.parkedAt, letter.reason,
        ]
    }
}
