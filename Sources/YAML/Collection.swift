/// A list or mapping that is being read.
struct Collection {
  let isMapping: Bool
  let isFlow: Bool
  let mark: YAMLMark
  let anchor: String?
  var weight: Weight

  private var items: [YAMLNode] = []
  private var entries: [YAMLEntry] = []
  /// The place in `entries` of each key.
  private var places: [String: Int] = [:]
  private var key: Key?
  private var merge: Merge?

  private struct Key {
    var text: String
    var mark: YAMLMark
    var isMerge: Bool
  }

  /// What `<<` brings in, and before which entry it stands.
  private struct Merge {
    var mark: YAMLMark
    var place: Int
    var mappings: [[YAMLEntry]]
  }

  init(isMapping: Bool, isFlow: Bool, mark: YAMLMark, anchor: String?, weight: Weight) {
    self.isMapping = isMapping
    self.isFlow = isFlow
    self.mark = mark
    self.anchor = anchor
    self.weight = weight
  }

  /// The next node is a key.
  var expectsKey: Bool { isMapping && key == nil }

  /// Takes the next item, key or value. The mark is where it is written, which for an alias is not where its node stands.
  mutating func add(_ node: YAMLNode, weight: Weight, at mark: YAMLMark) throws(YAMLError) {
    self.weight.nodes += weight.nodes
    self.weight.bytes += weight.bytes
    self.weight.height = max(self.weight.height, weight.height + 1)
    guard isMapping else {
      items.append(node)
      return
    }
    guard let key else {
      self.key = try readKey(node, at: mark)
      return
    }
    self.key = nil
    if key.isMerge {
      merge = Merge(mark: key.mark, place: entries.count, mappings: try mappings(in: node, at: mark))
    } else {
      places[key.text] = entries.count
      entries.append(YAMLEntry(key: key.text, keyMark: key.mark, value: node))
    }
  }

  /// The finished node.
  func node() -> YAMLNode {
    guard isMapping else { return YAMLNode(.sequence(items), mark: mark) }
    guard let merge else { return YAMLNode(.mapping(entries), mark: mark) }
    // Written keys win over merged ones, and earlier mappings over later ones.
    var taken = Set(places.keys)
    let merged = merge.mappings.joined().filter { taken.insert($0.key).inserted }
    return YAMLNode(
      .mapping(Array(entries[..<merge.place]) + merged + entries[merge.place...]), mark: mark)
  }

  private func readKey(_ node: YAMLNode, at mark: YAMLMark) throws(YAMLError) -> Key {
    guard case .scalar(let scalar) = node.value else {
      throw YAMLError(
        code: .keyNotScalar, message: "\(node.kind) cannot be the key of a mapping; only text can", mark: mark)
    }
    if scalar.text == "<<", scalar.isPlain || scalar.tag == "!!merge" {
      if let merge {
        throw duplicate("<<", first: merge.mark, second: mark, advice: "; write one `<<: [*first, *second]`")
      }
      return Key(text: scalar.text, mark: mark, isMerge: true)
    }
    if scalar.isPlain, scalar.text.isEmpty, scalar.tag == nil {
      throw YAMLError(code: .syntax, message: "the key before ':' is missing", mark: mark)
    }
    if let place = places[scalar.text] {
      throw duplicate(scalar.text, first: entries[place].keyMark, second: mark)
    }
    return Key(text: scalar.text, mark: mark, isMerge: false)
  }

  private func duplicate(_ key: String, first: YAMLMark, second: YAMLMark, advice: String = "") -> YAMLError {
    YAMLError(
      code: .duplicateKey,
      message: "the key \"\(shown(key))\" on line \(second.line) was already given on line \(first.line)"
        + (advice.isEmpty ? "; keep one of them" : advice),
      mark: second)
  }

  private func mappings(in node: YAMLNode, at mark: YAMLMark) throws(YAMLError) -> [[YAMLEntry]] {
    switch node.value {
    case .mapping(let entries): return [entries]
    case .sequence(let nodes):
      var found: [[YAMLEntry]] = []
      for node in nodes {
        guard case .mapping(let entries) = node.value else { throw notMergeable(node, at: node.mark) }
        found.append(entries)
      }
      return found
    case .scalar: throw notMergeable(node, at: mark)
    }
  }

  private func notMergeable(_ node: YAMLNode, at mark: YAMLMark) -> YAMLError {
    YAMLError(
      code: .mergeNotMapping, message: "'<<' merges a mapping or a list of mappings; this is \(node.kind)",
      mark: mark)
  }
}
