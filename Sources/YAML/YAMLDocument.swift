/// A document as a tree, with everything that is wrong with it.
package struct YAMLDocument: Sendable, Hashable {
    /// Nil for an empty document, and for one that could not be read to its end.
    package let root: YAMLNode?
    /// In the order of the text.
    package let problems: [YAMLError]

    /// Reads UTF-8 text of a size, depth and number of values within ``YAMLLimits``.
    package init(_ bytes: [UInt8]) {
        guard bytes.count <= YAMLLimits.bytes else {
            root = nil
            problems = [.tooLarge]
            return
        }
        var builder = YAMLTreeBuilder(ParserHandle(bytes))
        do throws(YAMLError) {
            root = try builder.document()
            problems = builder.problems.sorted { $0.mark < $1.mark }
        } catch {
            root = nil
            problems = (builder.problems + [error]).sorted { $0.mark < $1.mark }
        }
    }

    package init(_ text: String) {
        self.init(Array(text.utf8))
    }
}
