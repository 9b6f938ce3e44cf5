import Kubernetes
import YAML

/// What is done so that the image builder starts on nodes with cgroup v2: kaniko before 1.9.0 takes a container there for a
/// machine of its own and refuses.
enum BuilderStart: String, CaseIterable {
  case force
  case newer
  case none

  /// For a list to choose from.
  var label: String {
    switch self {
    case .force: "the chart's own, told to start all the same (--force)"
    case .newer: "a newer one in its place"
    case .none: "nothing: it starts as it is"
    }
  }

  /// The first version that knows cgroup v2 (GoogleContainerTools/kaniko, release notes of v1.9.0).
  static let enough = SemanticVersion(1, 9, 0)
  /// Upstream's last.
  static let newest = "gcr.io/kaniko-project/executor:v1.24.0"

  /// What usually has to be done: `--force` only ends kaniko's look for a container, so where nodes were not seen it is
  /// given too. An image that does not tell its version is left alone.
  static func usual(_ survey: Survey) -> BuilderStart {
    var own = EffectiveValues()
    if let chart = survey.chart.value { own.lay(chart.values) } else if survey.values.value == nil { return .none }
    guard let version = ImageBuilder(survey.values.value ?? own).version, version < enough else { return .none }
    let nodes = (survey.nodes.value ?? []).filter { $0.status.nodeInfo.operatingSystem != "windows" }
    return !nodes.isEmpty && nodes.allSatisfy { Cgroups.guess($0) == .first } ? .none : .force
  }

  /// What the answers mean for the chart.
  static func settings(_ answers: Answers, _ chart: Chart?) -> [ValueSetting] {
    var settings: [ValueSetting] = []
    func give(_ argument: String, _ comment: String) {
      settings.append(ValueSetting("imageBuilder.extraArguments", value: [.string(argument)], comment: comment))
    }
    if let argument = cacheArgument(answers) { give(argument, "Where the image builder keeps layers.") }
    switch answers[.builderStart].flatMap(BuilderStart.init) {
    case .force?: give("--force", "On nodes with cgroup v2 kaniko before 1.9.0 starts only so.")
    case .newer?: settings += ImageBuilder.naming(answers[.builderImage] ?? newest, in: chart)
    case BuilderStart.none?, nil: break
    }
    return settings
  }

  /// What tells the image builder where to keep layers; nil: it keeps them at its usual place.
  static func cacheArgument(_ answers: Answers) -> String? { answers.toldCache.map { "--cache-repo=\($0)" } }
}

extension ImageBuilder {
  /// The settings that name another image, under the keys that this chart has for it.
  static func naming(_ image: String, in chart: Chart?) -> [ValueSetting] {
    let comment = "An image builder that starts on nodes with cgroup v2."
    let whole = [ValueSetting("imageBuilder.image", value: .string(image), comment: comment)]
    guard let builder = chart?.values?["imageBuilder"] else { return whole }
    for key in imageKeys {
      guard let value = builder[key] else { continue }
      let path = "imageBuilder.\(key)"
      guard case .mapping = value.value else {
        return naming(
          image, name: path, tag: flatTags.first { builder[$0] != nil }.map { "imageBuilder.\($0)" }, comment)
      }
      if let parts = naming(image, parts: value, path, comment) { return parts }
      guard let inner = value["image"] else { continue }
      if case .mapping = inner.value { return naming(image, parts: inner, "\(path).image", comment) ?? whole }
      return naming(image, name: "\(path).image", tag: nil, comment)
    }
    for (name, tag) in flatNames where builder[name] != nil {
      return naming(image, name: "imageBuilder.\(name)", tag: "imageBuilder.\(tag)", comment)
    }
    return whole
  }

  /// The image under one key, or without its tag and the tag under another.
  private static func naming(_ image: String, name: String, tag: String?, _ comment: String) -> [ValueSetting] {
    guard let tag else { return [ValueSetting(name, value: .string(image), comment: comment)] }
    let (repository, version) = AgentValues.splitTag(image)
    return [
      ValueSetting(name, value: .string(repository), comment: comment),
      ValueSetting(tag, value: .string(version ?? "latest"), comment: "Its version."),
    ]
  }

  /// The image in the parts of a mapping; nil: it has none.
  private static func naming(
    _ image: String, parts: YAMLNode, _ path: String, _ comment: String
  ) -> [ValueSetting]? {
    guard let name = ["repository", "name"].first(where: { parts[$0] != nil }) else { return nil }
    let tag = ["tag", "version"].first { parts[$0] != nil }
    var settings: [ValueSetting] = []
    var rest = image
    if parts["registry"] != nil, let slash = image.firstIndex(of: "/") {
      settings.append(
        ValueSetting("\(path).registry", value: .string(String(image[..<slash])), comment: "Where it is pulled from."))
      rest = String(image[image.index(after: slash)...])
    }
    settings += naming(rest, name: "\(path).\(name)", tag: tag.map { "\(path).\($0)" }, comment)
    if parts["digest"] != nil {
      settings.append(ValueSetting("\(path).digest", value: "", comment: "That of the chart's own image is another's."))
    }
    return settings
  }
}
