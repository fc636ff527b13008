/// Figures as people read them: few digits, and a unit that fits.
package enum HumanUnits {
    /// `8,214` below a hundred thousand, above it `123 k`, `1.2 M`, `45 G`.
    package static func count(_ count: Int64) -> String {
        guard count >= 100_000 else { return grouped(count) }
        var value = Double(count) / 1000
        for unit in ["k", "M"] {
            if value < 999.5 { return "\(threeDigits(value)) \(unit)" }
            value /= 1000
        }
        return "\(threeDigits(value)) G"
    }

    /// `8,214/s`, and `0.3/s` for a trickle.
    package static func rate(_ perSecond: Double) -> String {
        guard perSecond.isFinite, perSecond > 0 else { return "0/s" }
        return perSecond < 9.95
            ? "\(decimal(perSecond, places: 1))/s" : "\(count(whole(perSecond)))/s"
    }

    /// `0.42 ms`, `8.7 ms`, `312 ms`, and from a second on as `span`.
    package static func latency(milliseconds: Double) -> String {
        milliseconds < 999.5
            ? "\(threeDigits(milliseconds)) ms" : span(seconds: milliseconds / 1000)
    }

    /// `0.42 µs`, `8.7 µs`, `312 µs`.
    package static func microseconds(_ value: Double) -> String { "\(threeDigits(value)) µs" }

    /// `0.4s`, `12s`, `3m 12s`, `2h 5m`, `4d 3h`.
    package static func span(seconds: Double) -> String {
        guard seconds.isFinite, seconds > 0 else { return "0s" }
        guard seconds >= 9.95 else { return "\(decimal(seconds, places: 1))s" }
        let total = whole(seconds)
        return switch total {
        case ..<60: "\(total)s"
        case ..<3600: "\(total / 60)m \(total % 60)s"
        case ..<86_400: "\(total / 3600)h \(total % 3600 / 60)m"
        default: "\(grouped(total / 86_400))d \(total % 86_400 / 3600)h"
        }
    }

    /// `200 B`, `1.5 KiB`, `28.4 MiB`.
    package static func bytes(_ bytes: Int64) -> String {
        guard bytes >= 1024 else { return "\(bytes) B" }
        var value = Double(bytes) / 1024
        for unit in ["KiB", "MiB"] {
            if value < 1023.5 { return "\(threeDigits(value)) \(unit)" }
            value /= 1024
        }
        return "\(threeDigits(value)) GiB"
    }

    package static func percent(_ percent: Double) -> String {
        "\(threeDigits(percent)) %"
    }

    /// `1 message`, `1,234 messages`.
    package static func messages(_ count: Int) -> String {
        "\(grouped(Int64(count))) message\(count == 1 ? "" : "s")"
    }

    /// `1,234,567`.
    package static func grouped(_ count: Int64) -> String {
        var text = String(count.magnitude)
        var end = text.endIndex
        while let comma = text.index(end, offsetBy: -3, limitedBy: text.startIndex),
            comma > text.startIndex
        {
            text.insert(",", at: comma)
            end = comma
        }
        return count < 0 ? "-\(text)" : text
    }

    /// At most three digits before a rounding: `0.42`, `8.7`, `312`.
    private static func threeDigits(_ value: Double) -> String {
        guard value.isFinite, value > 0 else { return "0" }
        if value < 0.995 { return decimal(value, places: 2) }
        if value < 99.95 { return decimal(value, places: 1) }
        return grouped(whole(value))
    }

    private static func decimal(_ value: Double, places: Int) -> String {
        let scale: Int64 = places == 1 ? 10 : 100
        let scaled = whole(value * Double(scale))
        let fraction = String(scaled % scale)
        let zeros = String(repeating: "0", count: places - fraction.count)
        return "\(scaled / scale).\(zeros)\(fraction)"
    }

    /// The nearest whole number; what no `Int64` holds becomes the largest that one does.
    private static func whole(_ value: Double) -> Int64 {
        Int64(exactly: value.rounded()) ?? .max
    }
}
