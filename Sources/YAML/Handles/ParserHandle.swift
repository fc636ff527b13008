import CLibYAML

/// libyaml's event parser over a text of its own.
struct ParserHandle: ~Copyable {
    // Safety: both are allocated in `init`, used by this one owner, and freed in `deinit`. libyaml
    // reads the input until the last event, so the two live and die together.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) {
        parser = .allocate(capacity: 1)
        input = .allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        // It fails only when there is no memory; `next` reports that at the first event.
        parser.initialize(to: yaml_parser_t())
        if yaml_parser_initialize(parser) == 1 {
            yaml_parser_set_input_string(parser, input.baseAddress, input.count)
            yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        }
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    func next() throws(YAMLError) -> YAMLEvent {
        guard parser.pointee.read_handler != nil else { throw outOfMemory }
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw problem }
        defer { yaml_event_delete(&event) }
        return YAMLEvent(event)
    }

    private var problem: YAMLError {
        switch parser.pointee.error {
        case YAML_MEMORY_ERROR:
            return outOfMemory
        case YAML_READER_ERROR:
            return .malformed(words, at: mark(atByte: parser.pointee.problem_offset))
        default:
            return .malformed(words, at: YAMLMark(parser.pointee.problem_mark))
        }
    }

    private var outOfMemory: YAMLError { .malformed("there is no memory to read it", at: .start) }

    /// libyaml's own words.
    ///
    /// They are constants of the library and quote nothing of the text.
    private var words: String {
        let parts = [parser.pointee.problem, parser.pointee.context]
        return parts.compactMap { $0.map { String(cString: $0) } }.joined(separator: " ")
    }

    private func mark(atByte offset: Int) -> YAMLMark {
        let before = input.prefix(offset)
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let isContinuation = { (byte: UInt8) in byte & 0xC0 == 0x80 }
        return YAMLMark(
            line: before.count { $0 == UInt8(ascii: "\n") } + 1,
            column: before[lineStart...].count { !isContinuation($0) } + 1
        )
    }
}

extension YAMLMark {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: mark.line + 1, column: mark.column + 1)
    }
}

extension YAMLEvent {
    fileprivate init(_ event: yaml_event_t) {
        mark = YAMLMark(event.start_mark)
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            kind = .scalar(YAMLScalar(of: event))
            (hasAnchor, hasTag) = (scalar.anchor != nil, scalar.tag != nil)
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart
            let start = event.data.sequence_start
            (hasAnchor, hasTag) = (start.anchor != nil, start.tag != nil)
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart
            let start = event.data.mapping_start
            (hasAnchor, hasTag) = (start.anchor != nil, start.tag != nil)
        default:
            kind = Self.bareKind(event.type)
            (hasAnchor, hasTag) = (false, false)
        }
    }

    private static func bareKind(_ type: yaml_event_type_t) -> Kind {
        switch type {
        case YAML_STREAM_START_EVENT: .streamStart
        case YAML_DOCUMENT_START_EVENT: .documentStart
        case YAML_DOCUMENT_END_EVENT: .documentEnd
        case YAML_ALIAS_EVENT: .alias
        case YAML_SEQUENCE_END_EVENT: .sequenceEnd
        case YAML_MAPPING_END_EVENT: .mappingEnd
        // After the end of the stream libyaml repeats an event without type.
        default: .streamEnd
        }
    }
}

extension YAMLScalar {
    // Safety: `value` points at `length` bytes of the event, which its owner deletes later.
    fileprivate init(of event: yaml_event_t) {
        let scalar = event.data.scalar
        let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        self.init(
            String(decoding: bytes, as: UTF8.self),
            isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE
        )
    }
}
