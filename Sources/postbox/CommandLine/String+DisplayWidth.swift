extension String {
    /// How many places the text takes on a terminal.
    var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

    /// The text, or as much of it as fits before an ellipsis.
    func cut(toDisplayWidth limit: Int) -> String {
        guard displayWidth > limit else { return self }
        var cut = ""
        var width = 1
        for character in self {
            width += character.displayWidth
            guard width <= limit else { break }
            cut.append(character)
        }
        return cut + "…"
    }
}

extension Character {
    /// Two places for the scripts of East Asia and for pictures, one for the rest.
    fileprivate var displayWidth: Int {
        unicodeScalars.map { scalar in
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .format, .control: 0
            default: Self.isWide(scalar) ? 2 : 1
            }
        }.max() ?? 0
    }

    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            true
        default: scalar.properties.isEmojiPresentation
        }
    }
}
