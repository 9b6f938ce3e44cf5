public import Kubernetes
import Text
public import YAML

/// A chart as it stands on the disk.
public struct Chart: Sendable, Equatable {
  /// The folder or archive that a person named; helm is given it.
  public var path: String
  /// The folder that its files are read from: of an archive, where it was unpacked to.
  var folder: String
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
  /// The files of its folder `examples`, by name.
  public var examples: [ChartExample] = []
  /// The charts that its Chart.yaml depends on and that are not in its folder `charts`: helm will not install it.
  var missingDependencies: [String] = []

  static let examplesFolder = "examples"
  /// What the management agent's chart is called, in either generation.
  static let agentName = "datarobot-management-agent"

  /// A chart from its parts.
  public init(path: String, name: String, version: String, appVersion: String?, values: YAMLNode?) {
    self.path = path
    folder = path
    self.name = name
    self.version = version
    self.appVersion = appVersion
    self.values = values
  }
}

extension Chart {
  /// Whether it is an archive.
  var isPacked: Bool { folder != path }

  /// The file of an example, whether it is there or not.
  func exampleFile(_ name: String) -> String { "\(folder)/\(Self.examplesFolder)/\(name)" }

  /// What an example sets; nil: nothing.
  func exampleValues(_ name: String) throws(ObservationFailure) -> YAMLNode? {
    guard let example = examples.first(where: { $0.name == name }) else {
      throw ObservationFailure(
        .absent, "the chart \(path) has no example \(OutsideText.clean(name, limit: 100))",
        remedy: Remedy("Correct chart.example."))
    }
    if let problem = example.problem {
      throw ObservationFailure(
        .malformed, "the chart's example cannot be read: \(problem)", remedy: Remedy("Correct that file."))
    }
    return example.values
  }

  /// What helm will say of the charts that it lacks, and what to do; nil: it lacks none.
  var dependencyFailure: ObservationFailure? {
    if missingDependencies.isEmpty { return nil }
    let names = missingDependencies.map { OutsideText.clean($0, limit: 100) }.joined(separator: ", ")
    let command = "helm dependency build"
    return ObservationFailure(
      .absent, "its Chart.yaml depends on \(names), which it does not hold below charts: helm will not install it",
      remedy: isPacked
        ? Remedy("Unpack it, run \(command) in its folder, and name the folder.")
        : Remedy("Fetch them into it.", command: "\(command) \(Shell.quote(path))"))
  }

  /// Why an address is no chart on this machine; nil: it is a path.
  static func addressProblem(_ text: String) -> String? {
    guard let end = text.firstRange(of: "://"), text[..<end.lowerBound].allSatisfy({ $0.isASCII && $0.isLetter }) else {
      return nil
    }
    return
      "is an address, and the chart is taken from this machine: fetch it with \(Shell.line(["helm", "pull", text])), "
      + "then name the archive"
  }
}
