import FoundationEssentials

extension PostgresTimestamp {
    /// As people and JSON have it: `2026-01-02T03:04:05.678Z`.
    package var iso8601: String {
        let seconds = Double(microsecondsSince1970) / 1_000_000
        return Date(timeIntervalSince1970: seconds).formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true)
        )
    }
}
