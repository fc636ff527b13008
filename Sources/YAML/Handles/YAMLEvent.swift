/// What libyaml saw next, copied out of its memory.
struct YAMLEvent {
    enum Kind: Hashable {
        case documentStart
        case documentEnd
        case alias
        case scalar(YAMLScalar)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
        case streamStart
        case streamEnd
    }

    let kind: Kind
    let mark: YAMLMark
    let hasAnchor: Bool
    let hasTag: Bool
}
