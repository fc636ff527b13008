/// One value of a document and where it begins.
package struct YAMLNode: Sendable, Hashable {
    /// What the value is made of.
    package enum Content: Sendable, Hashable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        /// In the order of the text; no key stands twice.
        case mapping([YAMLEntry])
        /// An alias stood here, which is a problem of the document already.
        case refused
    }

    package let content: Content
    package let mark: YAMLMark

    package init(_ content: Content, at mark: YAMLMark) {
        self.content = content
        self.mark = mark
    }
}

/// A key of a mapping with its value.
package struct YAMLEntry: Sendable, Hashable {
    package let key: String
    /// Where the key begins.
    package let mark: YAMLMark
    package let value: YAMLNode

    package init(key: String, at mark: YAMLMark, value: YAMLNode) {
        self.key = key
        self.mark = mark
        self.value = value
    }
}

/// A text as it was written.
///
/// What type a plain one has is for its reader to say.
package struct YAMLScalar: Sendable, Hashable {
    package let text: String
    /// Whether it was written without quotes and not as a block; all others are strings.
    package let isPlain: Bool

    package init(_ text: String, isPlain: Bool) {
        self.text = text
        self.isPlain = isPlain
    }

    /// Whether it says that there is no value.
    package var isNull: Bool { isPlain && ["", "~", "null"].contains(text) }
}
