extension String {
    /// The text with what would move a terminal's cursor, or reorder what stands on it, spelt out:
    /// keys, reasons and payloads are written by others.
    var printable: String {
        var printable = UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                printable += scalar.escaped(asASCII: true).unicodeScalars
            default: printable.append(scalar)
            }
        }
        return String(printable)
    }
}
