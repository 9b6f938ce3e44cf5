import Kubernetes
import Text
import YAML

extension Probe {
  /// The values that the chart will see.
  static let values = Probe("values", \.values, page: .dataRobot, after: [.chart]) { setup, survey in
    try RenderProbe.values(setup, survey)
  }
  /// The chart as helm renders it with these values, for the cluster's version and its API versions.
  static let render = Probe(
    "render", \.rendered, page: .dataRobot, after: [.chart, .helm, .cluster, .capabilities],
    evenWithout: [.cluster, .capabilities]
  ) { setup, survey in
    try await RenderProbe.render(setup, survey)
  }
  /// The API groups of the cluster, and which resource serves each kind of the chart.
  static let discovery = Probe("discovery", \.discovery, page: .cluster, after: [.cluster, .render]) { setup, survey in
    let client = try setup.kubernetes()
    let groups = try await client.apiGroups().value
    let versions = Set((survey.rendered.value?.objects ?? []).map(\.apiVersion)).union(["v1"])
    return APIDiscovery(groups: groups, resources: await client.resourceMap(versions))
  }
}

/// Renders the chart, without a cluster and without a change.
enum RenderProbe {
  static func values(_ setup: Setup, _ survey: Survey) throws -> EffectiveValues {
    var values = EffectiveValues()
    for layer in try ValuesLayer.all(setup, chart(survey)) { values.lay(layer.root) }
    return values
  }

  private static func chart(_ survey: Survey) throws -> Chart {
    switch survey.chart {
    case .seen(let chart): chart
    case .failed(let failure): throw failure
    case .notAsked: throw ObservationFailure(.absent, "no chart was named", remedy: Remedy("Set chart.path."))
    }
  }

  private static func ours(_ setup: Setup, _ chart: Chart) -> String {
    ValuesFile(setup.answers, chart: chart).text(release: setup.answers[.release] ?? "", chart: chart)
  }

  static func render(_ setup: Setup, _ survey: Survey) async throws -> RenderedChart {
    let chart = try chart(survey)
    switch survey.helm {
    case .seen: break
    case .failed(let failure): throw failure
    case .notAsked: throw ObservationFailure(.absent, "helm was not looked for")
    }
    guard let release = setup.answers[.release], let namespace = setup.answers[.namespace] else {
      throw ObservationFailure(
        .absent, "no release or namespace was named", remedy: Remedy("Set chart.release and cluster.namespace."))
    }
    let capabilities = ChartCapabilities(survey)
    func template(_ capabilities: ChartCapabilities) -> ProcessCommand {
      HelmCommand.template(
        release: release, chart: chart.path, ours: Array(ours(setup, chart).utf8),
        values: AgentSource(setup.answers).valuesFiles(chart, ours: "-", setup), namespace: namespace,
        capabilities: capabilities)
    }
    let command = template(capabilities)
    let result = try await setup.world.processes.run(command)
    // The API versions are hundreds; nobody types them.
    let shown = template(ChartCapabilities(kubernetes: capabilities.kubernetes))
    let line = Shell.line([command.executable] + shown.arguments)
    if result.timedOut {
      throw ObservationFailure(
        .timedOut, "helm did not render the chart within \(command.deadline)", remedy: Remedy("Try it.", command: line))
    }
    guard result.exitCode == 0 else {
      if HelmCommand.isUnsupported(result.errors) {
        throw ObservationFailure(
          .unsupported, "this helm does not render charts: \(HelmCommand.lastWords(result.errors))",
          remedy: Remedy(
            "Use the helm program of helm.sh to have the chart tried before it is installed.", command: line))
      }
      let origins: [String]
      do {
        origins = SchemaRefusal.origins(result.errors, try ValuesLayer.all(setup, chart))
      } catch is ObservationFailure {
        // A file that cannot be read is told by what reads it for the answers.
        origins = []
      }
      throw ObservationFailure(
        .malformed,
        (["helm cannot render the chart: \(HelmCommand.lastWords(result.errors))"] + origins).joined(separator: "; "),
        remedy: Remedy(
          origins.isEmpty
            ? "Correct the values that it names, under chart.values or in the answers."
            : "Correct them in the answers.",
          command: line))
    }
    do throws(YAMLError) {
      return try RenderedChart(manifest: result.output, source: "the rendered chart")
    } catch {
      throw ObservationFailure(
        .malformed, "what helm rendered is not what Kubernetes takes: \(OutsideText.clean("\(error)"))",
        remedy: Remedy("See it.", command: line))
    }
  }
}

extension HelmCommand {
  /// Whether helm, or what stands in for it, says that it does not know what it was asked for: its own words and those of
  /// common argument parsers, and a value file `-` that is not taken for standard input.
  static func isUnsupported(_ errors: String) -> Bool {
    let words = [
      "unknown command", "unknown flag", "unknown shorthand flag", "unrecognized argument", "invalid choice",
      "unsupported",
      "not supported", "not implemented", "open -:", "directory: '-'",
    ]
    let said = errors.lowercased()
    return words.contains { said.contains($0) }
  }

  /// Renders the chart with our values on standard input, which is `-` among the files. Helm 3 and 4 take all of these
  /// flags; each API version has one of its own, because some of them take a list and some do not.
  static func template(
    release: String, chart: String, ours: [UInt8], values: [String], namespace: String,
    capabilities: ChartCapabilities
  ) -> ProcessCommand {
    var arguments = ["template", release, chart, "--namespace", namespace]
    for file in values { arguments += ["--values", file] }
    arguments.append("--include-crds")
    arguments += capabilities.arguments
    return ProcessCommand(
      "helm", arguments, environment: ["NO_COLOR": "1", "HELM_COLOR": "never"], input: ours, deadline: .seconds(25))
  }

  /// The releases of a namespace, whatever their state, as JSON. Helm 3 shows some states only when it is told to; Helm 4
  /// has no `--all`.
  static func list(target: Target) -> ProcessCommand {
    var arguments = [
      "list", "--namespace", target.namespace, "--deployed", "--failed", "--pending", "--uninstalled",
      "--uninstalling", "--superseded", "--output", "json",
    ]
    if let kubeconfig = target.kubeconfig { arguments += ["--kubeconfig", kubeconfig] }
    if let context = target.context { arguments += ["--kube-context", context] }
    return ProcessCommand(
      "helm", arguments, environment: ["NO_COLOR": "1", "HELM_COLOR": "never"], deadline: .seconds(25))
  }

  /// The end of what helm wrote about a failure, for a person.
  static func lastWords(_ errors: String) -> String {
    let lines = OutsideText.clean(errors, keepsLines: true).split(separator: "\n")
      .filter { !$0.hasPrefix("WARNING:") && !$0.hasPrefix("level=") && !$0.allSatisfy(\.isWhitespace) }
    return lines.isEmpty ? "it does not say why" : lines.suffix(8).joined(separator: " ").trimmed(to: 1000)
  }
}

/// What the chart makes.
struct RenderedChart: Sendable, Equatable {
  var objects: [ChartObject]

  init(objects: [ChartObject]) { self.objects = objects }

  /// The objects of a manifest as helm writes it.
  init(manifest: String, source: String) throws(YAMLError) {
    objects = []
    for document in try YAML.parseAll(manifest, source: source) { objects += try ChartObject.objects(in: document) }
  }

  /// Those that are there once the chart is installed: hooks come and go.
  var lasting: [ChartObject] { objects.filter { $0.hooks.isEmpty } }
}

/// One object of a rendered chart.
struct ChartObject: Sendable, Equatable {
  var apiVersion: String
  var kind: String
  /// Empty where the server is to make a name.
  var name: String
  /// Where the object itself says so.
  var namespace: String?
  /// `pre-install`, …; empty for what is no hook.
  var hooks: [String]
  var json: JSONValue

  /// `Deployment bosun-agent`.
  var title: String { "\(kind) \(name.isEmpty ? "(name to be made)" : name)" }
}

extension ChartObject {
  /// An object from its JSON; nil: it is not one.
  init?(_ json: JSONValue) {
    guard let apiVersion = json["apiVersion"]?.string, let kind = json["kind"]?.string, let metadata = json["metadata"],
      metadata["name"]?.string != nil || metadata["generateName"]?.string != nil
    else { return nil }
    let hooks = metadata["annotations"]?["helm.sh/hook"]?.string?.split(separator: ",") ?? []
    self.init(
      apiVersion: apiVersion, kind: kind, name: metadata["name"]?.string ?? "",
      namespace: metadata["namespace"]?.string,
      hooks: hooks.map { String($0.drop { $0.isWhitespace }).trimmed(to: 60) }, json: json)
  }

  /// The objects of a document of helm's output. Tests are left out: no installation runs them.
  fileprivate static func objects(in node: YAMLNode) throws(YAMLError) -> [ChartObject] {
    if node.isNull { return [] }
    if node["kind"]?.text == "List", let items = node["items"]?.sequence {
      var objects: [ChartObject] = []
      for item in items { objects += try Self.objects(in: item) }
      return objects
    }
    guard let object = ChartObject(JSONValue(node)) else {
      throw YAMLError(code: .syntax, message: "an object has apiVersion, kind and metadata.name", mark: node.mark)
    }
    let isTest = !object.hooks.isEmpty && object.hooks.allSatisfy { $0.hasPrefix("test") }
    return isTest ? [] : [object]
  }

  /// The pods' template of a workload, or the pod itself.
  var podSpec: JSONValue? {
    switch kind {
    case "Pod": json["spec"]
    case "CronJob": json[path: "spec", "jobTemplate", "spec", "template", "spec"]
    case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job":
      json[path: "spec", "template", "spec"]
    default: nil
    }
  }
}

/// What the API server says of its groups and resources.
struct APIDiscovery: Sendable {
  var groups: APIGroupList
  var resources: ResourceMap

  /// Whether it is OpenShift's.
  var isOpenShift: Bool {
    groups.serves("security.openshift.io") || groups.serves("route.openshift.io")
      || groups.serves("config.openshift.io")
  }
}

extension Survey {
  /// The values that the chart will see.
  var values: Observed<EffectiveValues> {
    get { self["values"] }
    set { self["values"] = newValue }
  }
  /// The rendered chart.
  var rendered: Observed<RenderedChart> {
    get { self["rendered"] }
    set { self["rendered"] = newValue }
  }
  /// The cluster's API groups and resources.
  var discovery: Observed<APIDiscovery> {
    get { self["cluster/discovery"] }
    set { self["cluster/discovery"] = newValue }
  }
}
