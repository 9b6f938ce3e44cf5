import Kubernetes
import Text
public import YAML

/// Values that come with a chart for one kind of cluster: a file of its folder `examples`.
public struct ChartExample: Sendable, Equatable {
  /// The file's name.
  public var name: String
  /// What it sets; nil: nothing.
  public var values: YAMLNode?
  /// Its first comment; empty: it has none.
  public var title: String
  /// Why it cannot be read; nil: it can.
  public var problem: String?

  /// An example from its file's content.
  public init(name: String, _ content: [UInt8]) {
    self.name = name
    let text = String(decoding: content, as: UTF8.self)
    title = OutsideText.clean(
      text.split { $0.isNewline }.first { $0.hasPrefix("#") }.map { String($0.drop { $0 == "#" || $0 == " " }) } ?? "",
      limit: 200)
    do throws(YAMLError) { values = try YAML.parse(content, source: name) } catch { problem = "\(error)" }
  }

  /// What it sets otherwise than the chart's own values, a line a key: `imageBuilder.configMap: "" -> "docker-config"`.
  ///
  /// - Parameter ours: What the answers set anyway, and so is not the example's to say.
  func differences(_ chart: Chart, ours: ValuesFile) -> [String] {
    guard let values else { return [] }
    let changes = ValueChange.between(chart.values.map { JSONValue($0) } ?? [:], JSONValue(values))
    return changes.filter { $0.new != nil }.map { change in
      change.text(isSecret: false) + (ours.sets(change.path) ? " (the answers set it)" : "")
    }
  }
}
