import Kubernetes
import OrderedCollections
import Text
import YAML

/// What an upgrade changes of a release, for a person: values, images, objects. What helm does not show is said.
struct ReleaseDifference {
  private let source: any ReleaseSource
  private let namespace: String

  init(_ source: any ReleaseSource, namespace: String) {
    self.source = source
    self.namespace = namespace
  }

  /// A line a change: `value imageBuilder.ppsImage: "a" -> "b"`, `image of …`, `add ConfigMap …`.
  func lines(_ setup: Setup) async throws -> [String] {
    let hide = Redaction(setup)
    let values = await values(setup)
    let objects = await Observed { try await objectLines(setup) }
    try Task.checkCancellation()
    return [("values", values), ("objects", objects)].flatMap { name, seen -> [String] in
      switch seen {
      case .seen(let lines): lines.map { hide($0) }
      case .failed(let failure): ["which \(name) change could not be seen: \(failure.message)"]
      case .notAsked: []
      }
    }
  }

  // MARK: Values

  /// A line a value.
  func values(_ setup: Setup) async -> Observed<[String]> { await Observed { try await valueLines(setup) } }

  private func valueLines(_ setup: Setup) async throws -> [String] {
    let said = try await ask(
      HelmCommand.values(of: source.release, target: setup.helmTarget(namespace: namespace)), setup)
    let old = try JSONText.parse(Array(said.utf8))
    let content = try await source.content(setup)
    var new = EffectiveValues()
    if let name = source.example { new.lay(try content.chart.exampleValues(name)) }
    new.lay(try YAML.parse(content.text(source), source: "our values"))
    for path in source.moreValues.map(setup.path) {
      new.lay(try YAML.parse(setup.world.files.read(path) ?? [], source: path))
    }
    let ours = Set(content.values.placed.map(\.path))
    let changes = ValueChange.between(old == .null ? [:] : old, new.root)
    return Self.capped(
      changes.map { "value " + $0.text(isSecret: !ours.contains($0.path) && $0.soundsSecret) }, "values")
  }

  // MARK: Objects

  private func objectLines(_ setup: Setup) async throws -> [String] {
    // Another chart than the agent's is rendered by nobody before it is installed.
    guard source is AgentSource else { return [] }
    let command = HelmCommand.manifest(of: source.release, target: try setup.helmTarget(namespace: namespace))
    let old = try RenderedChart(manifest: try await ask(command, setup), source: "the release's manifest")
    switch await Surveyor().rendered(setup.with(try await setup.answersWithEnvironment())) {
    case .seen(let new): return Self.between(old, new)
    case .failed(let failure): throw failure
    case .notAsked: return []
    }
  }

  /// What differs between two states of a chart's objects. Of Secrets only that they differ.
  static func between(_ old: RenderedChart, _ new: RenderedChart) -> [String] {
    let before = OrderedDictionary(old.lasting.map { ($0.title, $0) }) { $1 }
    let after = OrderedDictionary(
      new.lasting.filter { $0.kind != "CustomResourceDefinition" || before[$0.title] != nil }.map { ($0.title, $0) }
    ) { $1 }
    var images: [String] = []
    var lines = before.keys.filter { after[$0] == nil }.map { "remove \($0)" }
    lines += after.keys.filter { before[$0] == nil }.map { "add \($0)" }
    var relabelled = 0
    for (title, object) in after {
      guard let live = before[title], live.json != object.json else { continue }
      let all = ValueChange.between(live.json, object.json)
      let changes = all.filter { !$0.isChartLabel && !$0.isImage }
      images += all.filter(\.isImage).map { "image of \(title): \($0.words)" }
      if object.kind == "Secret" {
        lines.append("change \(title)")
      } else if !changes.isEmpty {
        let shown = changes.prefix(3).map { $0.text(isSecret: $0.soundsSecret) }.joined(separator: "; ")
        lines.append("change \(title): \(shown)" + (changes.count > 3 ? "; and \(changes.count - 3) more" : ""))
      } else if all.contains(where: \.isChartLabel) {
        relabelled += 1
      }
    }
    if relabelled > 0 { lines.append("change the chart's version in the labels of \(relabelled) objects") }
    return capped(images, "images") + capped(lines, "objects")
  }

  private static func capped(_ lines: [String], _ name: String) -> [String] {
    let limit = 15
    return lines.count <= limit ? lines : lines.prefix(limit) + ["and \(lines.count - limit) more \(name)"]
  }

  /// What helm says of the release.
  private func ask(_ command: ProcessCommand, _ setup: Setup) async throws -> String {
    let result = try await setup.world.processes.run(command)
    if result.exitCode == 0 { return result.output }
    let reason = result.timedOut ? "helm did not answer in time" : HelmCommand.lastWords(result.errors)
    throw ObservationFailure(.unsupported, reason)
  }
}

/// One place where two trees differ.
struct ValueChange: Equatable {
  /// `spec.template.spec.containers[agent].image`.
  let path: String
  /// Nil: it was not there.
  let old: JSONValue?
  /// Nil: it is not there any more.
  let new: JSONValue?

  /// Every place, in the order of the trees. Elements of lists are told by their name where they have one.
  static func between(_ old: JSONValue, _ new: JSONValue, at path: String = "") -> [ValueChange] {
    if old == new { return [] }
    if case .object(let before) = old, case .object(let after) = new {
      let keys = before.keys + after.keys.filter { before[$0] == nil }
      return keys.flatMap { key in
        member(before[key], after[key], at: path.isEmpty ? key : "\(path).\(key)")
      }
    }
    if case .array(let before) = old, case .array(let after) = new, let pairs = pairs(before, after) {
      return pairs.flatMap { name, old, new in member(old, new, at: "\(path)[\(name)]") }
    }
    return [ValueChange(path: path, old: old, new: new)]
  }

  private static func member(_ old: JSONValue?, _ new: JSONValue?, at path: String) -> [ValueChange] {
    guard let old, let new else { return old == new ? [] : [ValueChange(path: path, old: old, new: new)] }
    return between(old, new, at: path)
  }

  /// The elements of two lists that belong together; nil: they are compared as a whole.
  private static func pairs(
    _ old: [JSONValue], _ new: [JSONValue]
  ) -> [(name: String, old: JSONValue?, new: JSONValue?)]? {
    let names = (old + new).compactMap { $0["name"]?.string }
    guard names.count == old.count + new.count else {
      guard old.count == new.count, (old + new).allSatisfy({ $0.object != nil }) else { return nil }
      return old.indices.map { ("\($0)", old[$0], new[$0]) }
    }
    let before = Dictionary(old.map { ($0["name"]?.string ?? "", $0) }) { $1 }
    let after = Dictionary(new.map { ($0["name"]?.string ?? "", $0) }) { $1 }
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }.map { ($0, before[$0], after[$0]) }
  }

  /// `"a" -> "b"`.
  var words: String { "\(old.map(Difference.words) ?? "not set") -> \(new.map(Difference.words) ?? "not set")" }

  /// `imageBuilder.ppsImage: "a" -> "b"`; of secrets and of texts of several lines only that they change.
  func text(isSecret: Bool) -> String {
    let name = OutsideText.clean(path)
    if isSecret { return "\(name): changes (not shown)" }
    let isLong = [old, new].contains { $0?.string?.contains("\n") == true }
    return isLong ? "\(name): another text" : "\(name): \(words)"
  }

  /// Whether it stands where secrets usually do; a Secret's name is none.
  var soundsSecret: Bool {
    let last = path.split(separator: ".").last?.lowercased() ?? ""
    if last.hasSuffix("name") { return false }
    let heralds = ["password", "passwd", "token", "secret", "apikey", "api_key", "credential", "privatekey", "auth"]
    let isHerald = heralds.contains { last.contains($0) }
    // The value of an environment variable is told by the variable's name.
    let variable = path.split(separator: "[").last?.lowercased() ?? ""
    return isHerald || (last == "value" && heralds.contains { variable.contains($0) })
  }

  /// A container's image.
  var isImage: Bool { path.hasSuffix("].image") && path.contains("ontainers[") }

  /// Labels that tell the chart's version and nothing else.
  var isChartLabel: Bool {
    path.hasSuffix("labels.helm.sh/chart") || path.hasSuffix("labels.app.kubernetes.io/version")
  }
}

extension HelmCommand {
  /// The values that a release was given, as JSON.
  static func values(of release: String, target: Target) -> ProcessCommand {
    command(
      ["get", "values", release, "--namespace", target.namespace, "--output", "json"], target, deadline: .seconds(25))
  }

  /// The objects that a release was made of.
  static func manifest(of release: String, target: Target) -> ProcessCommand {
    command(["get", "manifest", release, "--namespace", target.namespace], target, deadline: .seconds(25))
  }

  /// What rolls a failed upgrade back, and removes a failed installation. Both wait until the release is up.
  static func rollbackFlag(major: Int) -> String { major < 4 ? "--atomic" : "--rollback-on-failure" }
}

extension Surveyor {
  /// The chart as helm would render it now.
  func rendered(_ setup: Setup) async -> Observed<RenderedChart> {
    var survey = Survey()
    for probe in [Probe.helm, .chart, .cluster, .capabilities, .render] {
      await gather(probe, setup, survey)(&survey)
    }
    return survey.rendered
  }
}
