import Kubernetes

/// The image builder as the agent's plugin will start it, read from the chart's values: kaniko as root in a pod of its own.
struct ImageBuilder: Sendable, Equatable {
  /// What the plugin runs where nothing else is set.
  static let defaultImage = "gcr.io/kaniko-project/executor:v1.8.1"
  /// The service account that the procedure has it run as.
  static let usualAccount = "datarobot-management-agent-image-builder"

  /// The image, and the value that names it; nil: the plugin's default.
  var image: String
  var imageKey: String?
  var arguments: [String]
  /// Volumes beside its own, as pods take them.
  var volumes: [JSONValue]
  var volumeMounts: [JSONValue]
  var resources: JSONValue?

  /// The builder that these values describe, whatever the chart's generation calls them.
  init(_ values: EffectiveValues) {
    let builder = values["imageBuilder"] ?? [:]
    let found = Self.image(builder)
    image = found?.image ?? Self.defaultImage
    imageKey = found?.key
    arguments = builder["extraArguments"]?.texts ?? []
    volumes = builder["extraVolumes"]?.array ?? []
    volumeMounts = builder["extraVolumeMounts"]?.array ?? []
    resources = builder["resources"]
  }

  /// The service account that it runs as: the one that the values name, one that the chart makes for it, or the
  /// namespace's own. The older generation of the chart calls its own `kaniko-FULLNAME`.
  static func account(
    _ values: EffectiveValues, rendered: RenderedChart?, release: String, chart: String
  ) -> String {
    let account = values["imageBuilder", "serviceAccount"]
    if let name = account?["name"]?.string, !name.isEmpty { return name }
    if account?["create"] == false { return "default" }
    let made = (rendered?.objects ?? []).filter { $0.kind == "ServiceAccount" }.map(\.name)
    let usual = String("kaniko-\(fullName(values, release: release, chart: chart))".prefix(63))
    if made.contains(usual) { return usual }
    if let own = made.first(where: { $0.contains("image-builder") || $0.contains("kaniko") }) { return own }
    return account?["create"] == true ? usual : "default"
  }

  /// What Helm's own chart scaffolding calls a release's objects.
  private static func fullName(_ values: EffectiveValues, release: String, chart: String) -> String {
    func given(_ key: String) -> String? { values[key]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    let name = given("nameOverride") ?? chart
    return given("fullnameOverride") ?? (release.contains(name) ? release : "\(release)-\(name)")
  }

  /// The keys under which charts name it.
  static let imageKeys = ["image", "kanikoImage", "builderImage", "executorImage", "kaniko"]
  /// The keys of its tag beside those.
  static let flatTags = ["tag", "imageTag", "imageVersion"]
  /// Other names, and the key of the tag beside each.
  static let flatNames = [("repository", "tag"), ("imageRepository", "imageTag"), ("imageName", "imageTag")]

  /// Charts name it in one text, in a mapping of registry, repository and tag, or in flat keys.
  private static func image(_ builder: JSONValue) -> (key: String, image: String)? {
    for key in imageKeys {
      guard let value = builder[key] else { continue }
      if let text = value.string, !text.isEmpty {
        let flat = flatTags.lazy.compactMap { builder[$0]?.scalarText }.first { !$0.isEmpty }
        return ("imageBuilder.\(key)", hasTag(text) ? text : text + (flat.map { ":\($0)" } ?? ""))
      }
      if let image = parts(value) ?? value["image"].flatMap({ $0.string ?? parts($0) }), !image.isEmpty {
        return ("imageBuilder.\(key)", image)
      }
    }
    for (name, tag) in flatNames {
      guard let text = builder[name]?.string, !text.isEmpty else { continue }
      return ("imageBuilder.\(name)", text + (builder[tag]?.scalarText.map { ":\($0)" } ?? ""))
    }
    return nil
  }

  private static func parts(_ value: JSONValue) -> String? {
    guard let name = value["repository"]?.string ?? value["name"]?.string, !name.isEmpty else { return nil }
    let registry = value["registry"]?.string.flatMap { $0.isEmpty ? nil : $0 + "/" } ?? ""
    let tag = (value["tag"] ?? value["version"])?.scalarText.flatMap { $0.isEmpty ? nil : ":" + $0 } ?? ""
    let digest = value["digest"]?.string.flatMap { $0.isEmpty ? nil : "@" + $0 } ?? ""
    return registry + name + tag + digest
  }

  private static func hasTag(_ image: String) -> Bool {
    image.contains("@") || image.split(separator: "/").last?.contains(":") == true
  }

  /// The version that its tag tells, suffixes like `-debug` aside; nil: it tells none, or it is not known to be kaniko.
  var version: SemanticVersion? {
    let name = image.prefix { $0 != "@" }
    guard name.contains("kaniko"), let last = name.split(separator: "/").last, let colon = last.firstIndex(of: ":")
    else { return nil }
    let tag = last[last.index(after: colon)...]
    let text = String((tag.first == "v" ? tag.dropFirst() : tag).prefix { $0 != "-" })
    return SemanticVersion(text)
  }

  /// Whether it is told to run although it sees no container around it.
  var isForced: Bool { arguments.contains { $0 == "--force" || $0 == "--force=true" } }

  /// Volumes that mount a folder of the node.
  var hostPaths: [String] { volumes.filter { $0["hostPath"] != nil }.map { $0["name"]?.string ?? "" } }

  /// Its pod, for a rehearsal and for counting.
  func podSpec(pullSecrets: JSONValue? = nil) -> JSONValue {
    var container: JSONValue = [
      "name": "kaniko", "image": .string(image), "stdin": true, "stdinOnce": true,
      "args": .array((["--cache=true", "--context=tar://stdin"] + arguments).map { .string($0) }),
    ]
    if let resources, resources != [:], resources != .null { container["resources"] = resources }
    if !volumeMounts.isEmpty { container["volumeMounts"] = .array(volumeMounts) }
    var spec: JSONValue = ["restartPolicy": "Never", "containers": [container]]
    if !volumes.isEmpty { spec["volumes"] = .array(volumes) }
    spec["imagePullSecrets"] = pullSecrets
    return spec
  }
}
