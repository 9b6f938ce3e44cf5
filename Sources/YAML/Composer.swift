/// Builds nodes from events. An alias becomes a copy that shares its storage; how much it stands for is counted first.
struct Composer: ~Copyable {
  private var parser: EventParser
  private let text: SourceText
  private let limits: YAMLLimits
  private let deepest: Int
  /// Whether more than one document is welcome.
  private let several: Bool

  private var roots: [YAMLNode] = []
  private var documentMark = YAMLMark()
  private var anchors: [String: Anchor] = [:]
  private var open: [Collection] = []
  /// What the stream means so far, aliases expanded.
  private var total = Weight()

  init(text: SourceText, limits: YAMLLimits, several: Bool) throws(YAMLError) {
    self.parser = try EventParser(text)
    self.text = text
    // Two counts within the limit must not overflow when they are added.
    var limits = limits
    limits.maximumNodes = min(limits.maximumNodes, .max / 2)
    limits.maximumTextBytes = min(limits.maximumTextBytes, .max / 2)
    self.limits = limits
    self.deepest = min(limits.maximumDepth, YAMLLimits.deepest)
    self.several = several
  }

  /// The roots of all documents that are not empty.
  mutating func documents() throws(YAMLError) -> [YAMLNode] {
    while true {
      let event = try parser.next()
      switch event.kind {
      case .streamStart, .documentEnd: continue
      case .documentStart:
        documentMark = event.mark
        anchors = [:]
      case .streamEnd: return roots
      case .alias: try alias(event)
      case .scalar: try scalar(event)
      case .sequenceStart, .mappingStart: try begin(event)
      case .sequenceEnd, .mappingEnd: try end()
      }
    }
  }

  // MARK: - Nodes

  private mutating func scalar(_ event: Event) throws(YAMLError) {
    let tag = event.tag.map(YAMLScalar.shortTag)
    let isNothing = event.isPlain && event.text.isEmpty && tag == nil && event.anchor == nil
    if open.isEmpty, isNothing { return }
    var scalar = YAMLScalar(event.text, isPlain: event.isPlain, tag: tag)
    do throws(YAMLScalar.TagMismatch) {
      scalar = try scalar.honouringTag()
    } catch {
      throw YAMLError(code: .tagMismatch, message: error.message, mark: event.mark)
    }
    let weight = Weight(nodes: 1, bytes: scalar.text.utf8.count)
    try count(weight, at: event.mark)
    let node = YAMLNode(.scalar(scalar), mark: event.mark)
    if let anchor = event.anchor { anchors[anchor] = .node(node, weight) }
    try add(node, weight: weight, at: event.mark)
  }

  private mutating func alias(_ event: Event) throws(YAMLError) {
    let name = event.anchor ?? ""
    switch anchors[name] {
    case nil:
      throw YAMLError(
        code: .unknownAlias,
        message: "the alias *\(shown(name)) names no anchor; put &\(shown(name)) before the value it stands for, "
          + "or quote the value if the asterisk belongs to it",
        mark: event.mark)
    case .unfinished(let start):
      throw YAMLError(
        code: .recursiveAlias,
        message: "the alias *\(shown(name)) stands inside the value it names, which begins on line \(start.line)",
        mark: event.mark)
    case .node(let node, let weight):
      guard open.count + weight.height <= deepest else { throw tooDeep(event.mark) }
      try count(weight, at: event.mark)
      try add(node, weight: weight, at: event.mark)
    }
  }

  private mutating func begin(_ event: Event) throws(YAMLError) {
    if let parent = open.last, parent.expectsKey { throw keyNotScalar(event, in: parent) }
    guard open.count < deepest else { throw tooDeep(event.mark) }
    // A second document is refused at its beginning, before anything in it is judged.
    try checkSingle()
    let weight = Weight(nodes: 1, height: 1)
    try count(weight, at: event.mark)
    if let anchor = event.anchor { anchors[anchor] = .unfinished(event.mark) }
    open.append(
      Collection(
        isMapping: event.kind == .mappingStart, isFlow: event.isFlow, mark: event.mark, anchor: event.anchor,
        weight: weight))
  }

  private mutating func end() throws(YAMLError) {
    guard let collection = open.popLast() else { return }
    let node = collection.node()
    if let anchor = collection.anchor { anchors[anchor] = .node(node, collection.weight) }
    try add(node, weight: collection.weight, at: collection.mark)
  }

  /// Puts a finished node where it belongs.
  private mutating func add(_ node: YAMLNode, weight: Weight, at mark: YAMLMark) throws(YAMLError) {
    guard !open.isEmpty else {
      try checkSingle()
      roots.append(node)
      return
    }
    try open[open.count - 1].add(node, weight: weight, at: mark)
  }

  // MARK: - Limits

  private func checkSingle() throws(YAMLError) {
    guard open.isEmpty, !several, !roots.isEmpty else { return }
    throw YAMLError(
      code: .severalDocuments,
      message:
        "a second document begins here; only one is expected, so keep one and remove the '---' lines between them",
      mark: documentMark)
  }

  private mutating func count(_ weight: Weight, at mark: YAMLMark) throws(YAMLError) {
    total.nodes += weight.nodes
    total.bytes += weight.bytes
    guard total.nodes <= limits.maximumNodes else {
      throw YAMLError(
        code: .tooLarge,
        message: "with aliases expanded the document has more than \(limits.maximumNodes) keys and values",
        mark: mark)
    }
    guard total.bytes <= limits.maximumTextBytes else {
      throw YAMLError(
        code: .tooLarge,
        message: "with aliases expanded the document has more than \(limits.maximumTextBytes) bytes of text",
        mark: mark)
    }
  }

  private func tooDeep(_ mark: YAMLMark) -> YAMLError {
    YAMLError(
      code: .tooDeep, message: "lists and mappings are nested deeper than \(deepest) levels here", mark: mark)
  }

  private func keyNotScalar(_ event: Event, in parent: Collection) -> YAMLError {
    if event.isFlow, parent.isFlow, event.kind == .mappingStart {
      return YAMLError(
        code: .keyNotScalar,
        message: "this looks like a template ({{ … }}), not finished YAML; render it first, or quote the value",
        mark: parent.mark)
    }
    let kind = event.kind == .mappingStart ? "a mapping" : "a list"
    return YAMLError(
      code: .keyNotScalar, message: "\(kind) cannot be the key of a mapping; only text can", mark: event.mark)
  }
}

/// What an anchor stands for: a node, or one that is still being read.
private enum Anchor {
  case unfinished(YAMLMark)
  case node(YAMLNode, Weight)
}

/// How much a node means, aliases expanded.
struct Weight {
  var nodes = 0
  var bytes = 0
  /// Levels of lists and mappings.
  var height = 0
}

/// A name from the text as an error may show it: short, and without control characters.
func shown(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars.prefix(60) {
    result.unicodeScalars.append(Printable.isSafe(scalar) ? scalar : "\u{FFFD}")
  }
  return text.unicodeScalars.count > 60 ? result + "…" : result
}
