/// Builds a tree from events.
///
/// What can be passed over is noted and reading goes on, so that a person sees all problems at
/// once; what cannot is thrown.
struct YAMLTreeBuilder: ~Copyable {
    private(set) var problems: [YAMLError] = []
    private var nodeCount = 0
    private let parser: ParserHandle

    init(_ parser: consuming ParserHandle) {
        self.parser = parser
    }

    /// The root of the only document, or nil when there is nothing in the stream.
    mutating func document() throws(YAMLError) -> YAMLNode? {
        var root: YAMLNode?
        while true {
            let event = try parser.next()
            switch event.kind {
            case .documentStart where root == nil: root = try node(from: parser.next(), depth: 1)
            case .documentStart: throw .secondDocument(at: event.mark)
            case .streamEnd: return root
            default: continue
            }
        }
    }

    private mutating func node(
        from event: YAMLEvent,
        depth: Int
    ) throws(YAMLError) -> YAMLNode {
        try count(event, depth: depth)
        return switch event.kind {
        case .scalar(let scalar): YAMLNode(.scalar(scalar), at: event.mark)
        case .sequenceStart: YAMLNode(.sequence(try items(depth: depth)), at: event.mark)
        case .mappingStart: YAMLNode(.mapping(try entries(depth: depth)), at: event.mark)
        default: YAMLNode(.refused, at: event.mark)
        }
    }

    private mutating func count(_ event: YAMLEvent, depth: Int) throws(YAMLError) {
        nodeCount += 1
        guard depth <= YAMLLimits.depth else { throw .tooDeep(at: event.mark) }
        guard nodeCount <= YAMLLimits.nodes else { throw .tooManyNodes(at: event.mark) }
        if event.hasAnchor { problems.append(.anchor(at: event.mark)) }
        if event.hasTag { problems.append(.tag(at: event.mark)) }
        if event.kind == .alias { problems.append(.alias(at: event.mark)) }
    }

    private mutating func items(depth: Int) throws(YAMLError) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while true {
            let event = try parser.next()
            if event.kind == .sequenceEnd { return items }
            items.append(try node(from: event, depth: depth + 1))
        }
    }

    private mutating func entries(depth: Int) throws(YAMLError) -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        var places: [String: YAMLMark] = [:]
        while true {
            let event = try parser.next()
            if event.kind == .mappingEnd { return entries }
            let key = try node(from: event, depth: depth + 1)
            let value = try node(from: parser.next(), depth: depth + 1)
            guard let name = acceptable(key, places: &places) else { continue }
            entries.append(YAMLEntry(key: name, at: key.mark, value: value))
        }
    }

    /// The name that a key stands for; nil, with a problem noted, when it cannot be one.
    private mutating func acceptable(
        _ key: YAMLNode,
        places: inout [String: YAMLMark]
    ) -> String? {
        guard case .scalar(let scalar) = key.content else {
            if key.content != .refused { problems.append(.keyNotScalar(at: key.mark)) }
            return nil
        }
        if scalar.isPlain && scalar.text == "<<" {
            problems.append(.mergeKey(at: key.mark))
            return nil
        }
        if let first = places.updateValue(key.mark, forKey: scalar.text) {
            places[scalar.text] = first
            problems.append(.duplicateKey(scalar.text, at: key.mark, first: first))
            return nil
        }
        return scalar.text
    }
}
