/// One name and value of a line.
struct LogField: Sendable {
    let name: String
    let value: LogValue

    init(_ name: String, _ value: any CustomStringConvertible) {
        self.name = name
        self.value = LogValue(value)
    }
}

/// A value as it is written: numbers and truth bare, all else as text.
enum LogValue: Sendable {
    case bare(String)
    case text(String)

    init(_ value: any CustomStringConvertible) {
        switch value {
        case let number as any BinaryInteger: self = .bare(number.description)
        case let truth as Bool: self = .bare(truth.description)
        case let number as Double where number.isFinite: self = .bare(number.description)
        default: self = .text(value.description)
        }
    }
}
