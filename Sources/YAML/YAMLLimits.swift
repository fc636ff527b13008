/// What a document may cost.
///
/// More than any configuration needs, and no burden to read.
package enum YAMLLimits {
    package static let bytes = 1 << 20
    package static let depth = 32
    package static let nodes = 10_000
}
