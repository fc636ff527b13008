/// Rows of text in aligned columns.
///
/// Columns are as wide as their widest cell on a terminal, where some characters take two places
/// and some none. Numbers stand on the right. Control characters are shown as `�`.
package struct TextTable: Sendable {
    package enum Column: Sendable, ExpressibleByStringLiteral {
        case left(String)
        case right(String)

        package init(stringLiteral title: String) { self = .left(title) }

        fileprivate var title: String {
            switch self {
            case .left(let title), .right(let title): title
            }
        }
    }

    private static let gap = "  "
    private let columns: [Column]
    private var rows: [[String]] = []

    package init(_ columns: [Column]) { self.columns = columns }

    package mutating func append(_ cells: [any CustomStringConvertible]) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        rows.append(cells.map { Self.printable($0.description) })
    }

    /// The lines, titles first; with a width, the last column is cut to fit it.
    package func lines(width limit: Int? = nil) -> [String] {
        var widths = columns.indices.map { column in
            max(columns[column].title.displayWidth, rows.map { $0[column].displayWidth }.max() ?? 0)
        }
        if let limit, let last = widths.last {
            let others = widths.dropLast().reduce(0) { $0 + $1 + Self.gap.count }
            widths[widths.count - 1] = max(1, min(last, limit - others))
        }
        return ([columns.map(\.title)] + rows).map { line($0, widths: widths) }
    }

    private func line(_ cells: [String], widths: [Int]) -> String {
        let padded = zip(cells, widths).enumerated().map { index, cell in
            let isLast = index == columns.count - 1
            let text = isLast ? cell.0.cut(toDisplayWidth: cell.1) : cell.0
            let padding = String(repeating: " ", count: max(0, cell.1 - text.displayWidth))
            return switch columns[index] {
            case .left: isLast ? text : text + padding
            case .right: padding + text
            }
        }
        return padded.joined(separator: Self.gap)
    }

    private static func printable(_ text: String) -> String {
        var printable = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control
            printable.append(isControl ? "\u{FFFD}" : scalar)
        }
        return String(printable)
    }
}
