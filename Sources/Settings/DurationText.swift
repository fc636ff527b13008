/// How configuration writes a duration: a whole number and one unit, `500ms 30s 5m 2h 7d`.
package enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// Nil when the text is not a duration, or one longer than the numbers here can hold.
    package static func parse(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text[digits.endIndex...]
        guard let count = Int64(digits),
            let size = units.first(where: { $0.name == unit })?.milliseconds
        else { return nil }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: size)
        return overflow ? nil : .milliseconds(milliseconds)
    }

    /// The duration in the largest unit that divides it.
    package static func text(_ duration: Duration) -> String {
        let milliseconds =
            duration.components.seconds * 1_000
            + duration.components.attoseconds / 1_000_000_000_000_000
        guard milliseconds != 0 else { return "0s" }
        for unit in units where milliseconds % unit.milliseconds == 0 {
            return "\(milliseconds / unit.milliseconds)\(unit.name)"
        }
        return "\(milliseconds)ms"
    }
}
