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

  /// Whether the chart itself has a key at the dotted path.
  func names(_ path: String) -> Bool {
    guard let root else { return false }
    var node: YAMLNode? = root
    for key in path.split(separator: ".") { node = node?[String(key)] }
    return node != nil
  }

  /// Where a setting goes: to the first of its paths that the chart knows. What nothing needs goes only where the chart
  /// has the key itself.
  func place(_ setting: ValueSetting) -> String? { setting.paths.first(where: setting.isRequired ? knows : names) }
}
