/// Makes text safe to stand in one line of a log: bounded, and without control characters.
enum LogText {
    /// The most bytes of a text that are written.
    static let limit = 1024

    /// The text as the inside of a quoted string, which JSON and logfmt read alike.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        var count = 0
        for scalar in text.unicodeScalars {
            count += UTF8.width(scalar)
            guard count <= limit else { return escaped + "…" }
            append(scalar, to: &escaped)
        }
        return escaped
    }

    static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    /// The text as a value of logfmt, quoted only where it must be.
    static func logfmtValue(_ text: String) -> String {
        let escaped = escaped(text)
        let isPlain =
            !escaped.isEmpty
            && escaped.utf8.allSatisfy { byte in
                byte > UInt8(ascii: " ") && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
                    && byte != UInt8(ascii: "\\")
            }
        return isPlain ? escaped : "\"\(escaped)\""
    }

    private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
        switch scalar {
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        case let scalar where isHarmful(scalar):
            let digits = String(scalar.value, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: text.unicodeScalars.append(scalar)
        }
    }

    /// Whether a character could make a line pretend to say something else.
    ///
    /// These are the control characters, the line ends that only Unicode knows, and what turns the
    /// direction of writing. All are below U+FFFF.
    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
