import CYAML

/// What libyaml reports, one after the other, with the memory already ours.
struct Event {
  enum Kind: Equatable {
    case streamStart, streamEnd
    case documentStart, documentEnd
    case alias, scalar
    case sequenceStart, sequenceEnd
    case mappingStart, mappingEnd
  }

  var kind: Kind
  var mark: YAMLMark
  /// The anchor a node defines, or the one an alias names.
  var anchor: String?
  /// The full tag, as in `tag:yaml.org,2002:int`.
  var tag: String?
  /// A scalar's text.
  var text = ""
  /// A scalar without tag and quotes, whose meaning follows from its text.
  var isPlain = false
  /// Written with brackets or braces.
  var isFlow = false
}

/// libyaml's event parser, and the bytes it reads from.
struct EventParser: ~Copyable {
  /// libyaml keeps the parser's own address inside it, so it lives at one place on the heap.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  /// libyaml reads from these bytes until the end and does not own them.
  private let input: UnsafeMutableBufferPointer<UInt8>
  private let text: SourceText

  init(_ text: SourceText) throws(YAMLError) {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      throw YAMLError(
        code: .syntax, message: "there is no memory left to read the text", mark: YAMLMark(source: text.source))
    }
    let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(text.bytes.count, 1))
    let (_, end) = input.initialize(from: text.bytes)
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, input.baseAddress, end)
    self.parser = parser
    self.input = input
    self.text = text
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  /// The next event. After the stream's end there is none to ask for.
  mutating func next() throws(YAMLError) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw problem() }
    defer { yaml_event_delete(&event) }
    return read(event)
  }

  private func read(_ event: yaml_event_t) -> Event {
    let mark = self.mark(event.start_mark)
    switch event.type {
    case YAML_STREAM_START_EVENT: return Event(kind: .streamStart, mark: mark)
    case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, mark: mark)
    case YAML_DOCUMENT_END_EVENT: return Event(kind: .documentEnd, mark: mark)
    case YAML_ALIAS_EVENT:
      return Event(kind: .alias, mark: mark, anchor: string(event.data.alias.anchor))
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return Event(
        kind: .scalar, mark: mark, anchor: string(scalar.anchor), tag: string(scalar.tag),
        text: String(decoding: bytes, as: UTF8.self), isPlain: scalar.plain_implicit != 0)
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return Event(
        kind: .sequenceStart, mark: mark, anchor: string(start.anchor), tag: string(start.tag),
        isFlow: start.style == YAML_FLOW_SEQUENCE_STYLE)
    case YAML_SEQUENCE_END_EVENT: return Event(kind: .sequenceEnd, mark: mark)
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return Event(
        kind: .mappingStart, mark: mark, anchor: string(start.anchor), tag: string(start.tag),
        isFlow: start.style == YAML_FLOW_MAPPING_STYLE)
    case YAML_MAPPING_END_EVENT: return Event(kind: .mappingEnd, mark: mark)
    default:
      // YAML_STREAM_END_EVENT, and YAML_NO_EVENT, which libyaml gives when asked past the end.
      return Event(kind: .streamEnd, mark: mark)
    }
  }

  private func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    guard let pointer else { return nil }
    return String(cString: pointer)
  }

  private func mark(_ mark: yaml_mark_t) -> YAMLMark {
    YAMLMark(source: text.source, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  private func problem() -> YAMLError {
    let state = parser.pointee
    let words = state.problem.map { String(cString: $0) } ?? ""
    switch state.error {
    case YAML_READER_ERROR:
      let mark = text.mark(atByte: min(Int(state.problem_offset), text.bytes.count))
      let message =
        words == "control characters are not allowed"
        ? "a control character (\(hexadecimal(state.problem_value))) cannot stand in YAML; remove it"
        : "the text cannot be read: \(words)"
      return YAMLError(code: .syntax, message: message, mark: mark)
    case YAML_MEMORY_ERROR:
      return YAMLError(
        code: .syntax, message: "there is no memory left to read the text", mark: mark(state.mark))
    default:
      let problem = SyntaxProblem(
        problem: words, mark: mark(state.problem_mark),
        context: state.context.map { String(cString: $0) } ?? "",
        contextMark: mark(state.context_mark))
      return problem.error(in: text)
    }
  }

  private func hexadecimal(_ value: Int32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
