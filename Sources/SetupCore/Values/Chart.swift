public import Kubernetes
public import YAML

/// A chart as it stands on the disk.
public struct Chart: Sendable, Equatable {
  /// The folder or archive.
  public var path: String
  /// Chart.yaml's `name`.
  public var name: String
  /// Chart.yaml's `version`.
  public var version: String
  /// Chart.yaml's `appVersion`.
  public var appVersion: String?
  /// The chart's own values.yaml.
  public var values: YAMLNode?
  /// The same as it is written: no tree has its comments.
  public var valuesText = ""
  /// The chart's values.schema.json; nil: it has none.
  public var schema: JSONValue?
  /// The files of its folder `examples`, by name. None of a packed chart's are known.
  public var examples: [ChartExample] = []

  static let examplesFolder = "examples"

  /// A chart from its parts.
  public init(path: String, name: String, version: String, appVersion: String?, values: YAMLNode?) {
    self.path = path
    self.name = name
    self.version = version
    self.appVersion = appVersion
    self.values = values
  }
}
