import FoundationEssentials
import YAML

/// A mapping whose fields are read by kind. Absent, null and empty fields are nil, as for client-go.
struct KubeconfigFields {
  private let entries: [YAMLEntry]
  let mark: YAMLMark

  init(_ node: YAMLNode, _ what: String) throws(KubeconfigError) {
    guard let entries = node.mapping else {
      throw Self.malformed("\(what) must be a mapping and is \(node.kind)", node)
    }
    self.entries = entries
    mark = node.mark
  }

  init(empty mark: YAMLMark) {
    entries = []
    self.mark = mark
  }

  func node(_ key: String) -> YAMLNode? {
    guard let node = entries.first(where: { $0.key == key })?.value, !node.isNull else { return nil }
    return node
  }

  func text(_ key: String) throws(KubeconfigError) -> String? {
    guard let node = node(key) else { return nil }
    guard let text = node.string else { throw Self.notText(key, node) }
    return text.isEmpty ? nil : text
  }

  func texts(_ key: String) throws(KubeconfigError) -> [String] {
    var texts: [String] = []
    for node in try list(key) {
      guard let text = node.isNull ? "" : node.string else { throw Self.notText("an entry of \(key)", node) }
      texts.append(text)
    }
    return texts
  }

  func flag(_ key: String) throws(KubeconfigError) -> Bool {
    guard let node = node(key) else { return false }
    guard let flag = node.bool else { throw Self.malformed("\(key) must be true or false and is \(node.kind)", node) }
    return flag
  }

  func list(_ key: String) throws(KubeconfigError) -> [YAMLNode] {
    guard let node = node(key) else { return [] }
    guard let nodes = node.sequence else { throw Self.malformed("\(key) must be a list and is \(node.kind)", node) }
    return nodes
  }

  func fields(_ key: String) throws(KubeconfigError) -> KubeconfigFields? {
    guard let node = node(key) else { return nil }
    return try KubeconfigFields(node, key)
  }

  func extra(_ key: String) throws(KubeconfigError) -> [String: [String]] {
    guard let fields = try fields(key) else { return [:] }
    var result: [String: [String]] = [:]
    for entry in fields.entries { result[entry.key] = try fields.texts(entry.key) }
    return result
  }

  /// Base64 with line ends allowed, as Go decodes it.
  func data(_ key: String) throws(KubeconfigError) -> [UInt8]? {
    guard let text = try text(key) else { return nil }
    guard let data = Data(base64Encoded: text.filter { !$0.isNewline }) else {
      throw KubeconfigError(
        .malformed, "\(key) is no valid base64",
        nextStep: "Copy the whole value again, or let its tool write the kubeconfig",
        mark: node(key)?.mark ?? mark)
    }
    return data.isEmpty ? nil : Array(data)
  }

  private static func notText(_ key: String, _ node: YAMLNode) -> KubeconfigError {
    malformed(
      "\(key) must be text and is \(node.kind)", node, hint: node.scalar == nil ? nil : "Put the value in quotes")
  }

  private static func malformed(_ message: String, _ node: YAMLNode, hint: String? = nil) -> KubeconfigError {
    KubeconfigError(.malformed, message, nextStep: hint ?? "Correct the kubeconfig there", mark: node.mark)
  }
}
