import Kubernetes
import YAML

/// One of the values files that a release is made of.
struct ValuesLayer: Sendable {
  /// Whose values they are.
  enum Source: Sendable {
    case chart
    case example(String)
    case answers(ValuesFile)
    /// A path as the answers name it.
    case file(String)
  }

  let source: Source
  let root: YAMLNode?

  /// The chart's own values and all that is laid over them, in helm's order: the later wins.
  static func all(_ setup: Setup, _ chart: Chart) throws -> [ValuesLayer] {
    let answers = setup.answers
    var layers = [ValuesLayer(source: .chart, root: chart.values)]
    if let name = answers[.chartExample] {
      layers.append(ValuesLayer(source: .example(name), root: try chart.exampleValues(name)))
    }
    let ours = ValuesFile(answers, chart: chart)
    let text = ours.text(release: answers[.release] ?? "", chart: chart)
    layers.append(ValuesLayer(source: .answers(ours), root: try YAML.parse(text, source: "our values")))
    return try layers
      + answers[.valuesFiles].map {
        ValuesLayer(source: .file($0), root: try read($0, setup))
      }
  }

  private static func read(_ path: String, _ setup: Setup) throws -> YAMLNode? {
    let absolute = setup.path(path)
    guard let content = try setup.world.files.read(absolute) else {
      throw ObservationFailure(
        .absent, "there is no values file \(absolute)", remedy: Remedy("Correct chart.values."))
    }
    do throws(YAMLError) {
      return try YAML.parse(content, source: absolute)
    } catch {
      throw ObservationFailure(
        .malformed, "the values file cannot be read: \(error)", remedy: Remedy("Correct that file."))
    }
  }

  /// What in the answers a value comes from, for a person who is to correct it; nil: this layer does not set it.
  func origin(of names: [String]) -> String? {
    var node = root
    for name in names { node = node?[name] }
    guard node != nil else { return nil }
    switch source {
    case .chart: return "the chart itself"
    case .example(let name): return "chart.example (\(name))"
    case .file(let path): return "chart.values (\(path))"
    case .answers(let file): return file.origin(of: names)
    }
  }
}
