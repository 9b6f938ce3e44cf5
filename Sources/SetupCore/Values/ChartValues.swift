import YAML

/// The keys that a chart's own values.yaml knows. Nothing else may be set: Helm takes unknown keys in silence.
struct ChartValues {
  let root: YAMLNode?

  /// Whether the chart knows the dotted path. An empty mapping or a null on the way is open for any key beneath it.
  func knows(_ path: String) -> Bool {
    guard var node = root else { return false }
    for (depth, key) in path.split(separator: ".").map(String.init).enumerated() {
      guard case .mapping(let entries) = node.value else { return depth > 0 && node.isNull }
      if entries.isEmpty { return depth > 0 }
      guard let entry = entries.first(where: { $0.key == key }) else { return false }
      node = entry.value
    }
    return true
  }

  /// The first of the paths that the chart knows.
  func known(among paths: [String]) -> String? { paths.first(where: knows) }
}
