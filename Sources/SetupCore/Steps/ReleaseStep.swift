import Kubernetes
import Text

/// A Helm release. A ConfigMap of ours remembers with which values and chart its revision was made, so that a second
/// run knows that nothing is to be done without asking helm.
struct ReleaseStep: Step {
  let id: StepID
  let title: String
  let answers: Answers
  private let source: any ReleaseSource
  let release: String
  let namespace: String
  let record: ManagedObject

  /// The agent's release.
  init(_ answers: Answers) { self.init(id: "release", title: "Helm release", AgentSource(answers), answers) }

  init(id: StepID, title: String, _ source: any ReleaseSource, _ answers: Answers) {
    self.id = id
    self.title = title
    self.answers = answers
    self.source = source
    release = source.release
    namespace = source.namespace ?? answers[.namespace] ?? ""
    record = ManagedObject(
      resource: .configMaps, kind: "ConfigMap", name: Self.recordName(release), namespace: namespace)
  }

  /// The name of the ConfigMap that remembers what a release was made of.
  static func recordName(_ release: String) -> String { "mlops-setup-\(release)" }

  var objects: [Resource] { [.configMaps] }

  func commands(_ setup: Setup) async throws -> [EquivalentCommand] {
    let content = try await source.content(setup)
    let ours = try setup.shellPath(setup.stateFolder().file(source.valuesName))
    let example = try example(content.chart, setup)
    let files = source.valuesFiles(example: example?.file, ours: ours, answers.shellPath)
    // Stands for the files, whose words are the shell's already.
    let mark = "VALUES"
    let command = upgrade(
      rollback: try await rollbackFlag(setup), values: [mark], chart: source.chart(answers.absolute),
      kubeconfig: answers[.kubeconfig].map(answers.absolute))
    // Only paths begin with `~`.
    let words = command.arguments.map { word in
      word == mark
        ? files.joined(separator: " --values ") : word.hasPrefix("~") ? answers.shellPath(word) : Shell.quote(word)
    }
    return (example?.unpacking.map { [$0] } ?? []) + [
      EquivalentCommand((["helm"] + words).joined(separator: " ")), recording(setup, content, files: files),
    ]
  }

  /// The chart's example as a shell's word, and what takes it out of a packed chart, to lie beside our values file: where
  /// the chart is unpacked on this machine is of no use on another.
  private func example(_ chart: Chart, _ setup: Setup) throws -> (file: String, unpacking: EquivalentCommand?)? {
    guard let name = source.example, let place = source.chart(answers.shellPath).first else { return nil }
    let path = "\(Chart.examplesFolder)/\(name)"
    guard chart.isPacked else { return ("\(place)/\(Shell.quote(path))", nil) }
    let copy = try setup.shellPath(setup.stateFolder().file("example-\(name)"))
    let member = Shell.quote("\(FileNames.last(of: chart.folder))/\(path)")
    return (copy, EquivalentCommand("tar -xzOf - \(member) <\(place) >\(copy)"))
  }

  /// What remembers the revision as `perform` does, so that a later run finds nothing to do.
  private func recording(_ setup: Setup, _ content: ReleaseContent, files: [String]) -> EquivalentCommand {
    let kubectl = Kubectl(answers, namespace: namespace)
    let kind = HelmRelease.storage(setup.world.environment) == .configMaps ? "configmaps" : "secrets"
    let revision = kubectl.line(
      "get", kind, "--selector=owner=helm,name=\(release),status=deployed",
      "--output=jsonpath={.items[*].metadata.labels.version}")
    let literals = ingredients(content).sorted { $0.key < $1.key }.map { "--from-literal=\($0)=\($1)" }
    let sums = "$(cksum \(files.joined(separator: " ")) | cut -d ' ' -f 1,2)"
    return kubectl.apply(
      created: ["configmap", record.name] + literals,
      rest: " --from-literal=revision=\"$(\(revision))\" --from-literal=valuesFingerprint=\"\(sums)\"")
  }

  private var rollsBack: Bool { answers[.rollback] == "yes" }

  /// Helm 3 and 4 call it differently.
  private func rollbackFlag(_ setup: Setup) async throws -> String? {
    rollsBack ? HelmCommand.rollbackFlag(major: try await HelmProbe.look(setup.world).major) : nil
  }

  private func upgrade(
    rollback: String?, values: [String], chart: [String], kubeconfig: String?
  ) -> ProcessCommand {
    HelmCommand.upgrade(
      release: release, chart: chart, values: values, timeout: answers[.timeout] ?? "10m", rollback: rollback,
      target: HelmCommand.Target(kubeconfig: kubeconfig, context: answers[.context], namespace: namespace))
  }

  func access(namespaceExists: Bool) -> [AccessRequest] {
    var requests = ownAccess + source.chartAccess
    // helm watches what it waits for.
    for var request in source.chartAccess where rollsBack && request.verb == "get" {
      for verb in ["list", "watch"] {
        request.verb = verb
        requests.append(request)
      }
    }
    return requests
  }

  /// What Helm itself needs to keep a release, and the record; without what it makes of the chart.
  var ownAccess: [AccessRequest] {
    ["get", "list", "create", "update", "delete"].map { AccessRequest($0, .secrets, namespace: namespace) }
      + record.access
  }

  /// What the revision is made of, as the record keeps it.
  private func ingredients(_ setup: Setup) async throws -> [String: String] {
    let content = try await source.content(setup)
    let sums = try source.valuesFiles(content.chart, ours: "", setup).map { path in
      if path.isEmpty { return CRC.cksum(Array(content.text(source).utf8)) }
      guard let bytes = try setup.world.files.read(path) else {
        throw SetupError(.usage, "there is no values file \(path)", next: "Correct \(source.moreValuesKey.id).")
      }
      return CRC.cksum(bytes)
    }
    return ingredients(content).merging(["valuesFingerprint": sums.joined(separator: "\n")]) { $1 }
  }

  /// What the record keeps of the chart.
  private func ingredients(_ content: ReleaseContent) -> [String: String] {
    ["chart": content.chartName, "chartFingerprint": content.chartFingerprint]
  }

  private func find(_ setup: Setup) async throws -> HelmRelease? {
    try await HelmRelease.find(release, setup, namespace: namespace)
  }

  /// What the record says; nil: there is none.
  private func remembered(_ setup: Setup) async throws -> [String: String]? {
    try await setup.kubernetes().find(
      ConfigMap.self, .configMaps, name: record.name, namespace: record.namespace)?.value.data
  }

  /// Whether the release is there and nothing says that we made it.
  func isForeign(_ setup: Setup) async throws -> Bool {
    guard let live = try await find(setup), live.status != "uninstalled" else { return false }
    return try await remembered(setup) == nil
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    var wanted = try await ingredients(setup)
    let chart = wanted["chart"] ?? ""
    guard let live = try await find(setup), live.status != "uninstalled" else {
      let place = source.namespace.map { " in the namespace \($0)" } ?? ""
      return .needed(
        ["install release \(release)\(place) of chart \(chart)", "record it in \(record.title)"]
          + (try await source.content(setup).exampleDetails(source)))
    }
    if live.isPending || live.status == "uninstalling" { return try pending(live, setup) }
    if live.status != "deployed" {
      return .needed([
        "upgrade release \(release), whose revision \(live.revision) is \(live.status), to chart \(chart)"
      ])
    }
    wanted["revision"] = "\(live.revision)"
    let known = try await remembered(setup) ?? [:]
    if known == wanted {
      return .done("release \(release) revision \(live.revision) is deployed with these values and this chart")
    }
    let reasons = [
      known["revision"] != wanted["revision"] ? "the last revision was not made by these answers" : nil,
      known["valuesFingerprint"] != wanted["valuesFingerprint"] ? "other values" : nil,
      known["chartFingerprint"] != wanted["chartFingerprint"] ? "another chart" : nil,
    ].compactMap { $0 }
    if try await differsInTextAlone(known, wanted, setup) {
      return .needed(["record in \(record.title) that the values file has another text; no value differs"])
    }
    let change =
      "upgrade release \(release) from revision \(live.revision) to chart \(chart): \(reasons.joined(separator: ", "))"
    return .needed([change] + (try await difference.lines(setup)))
  }

  private var difference: ReleaseDifference { ReleaseDifference(source, namespace: namespace) }

  /// Whether the same chart would get the same values: then there is nothing for helm to do.
  private func differsInTextAlone(
    _ known: [String: String], _ wanted: [String: String], _ setup: Setup
  ) async throws -> Bool {
    var same = known
    same["valuesFingerprint"] = wanted["valuesFingerprint"]
    guard same == wanted, case .seen(let changes) = await difference.values(setup) else { return false }
    return changes.isEmpty
  }

  /// Helm refuses to touch a release that it believes is being worked on. Where that was our own killed run, the lock is
  /// stale and is taken away; else somebody may be at work right now.
  private func pending(_ live: HelmRelease, _ setup: Setup) throws -> StepState {
    let journal = try setup.journal()
    if try journal.interruptedSteps().contains(id) {
      return .needed([
        "clear the interrupted revision \(live.revision) (\(live.status)) and install release \(release) again"
      ])
    }
    let kind = HelmRelease.storage(setup.world.environment) == .configMaps ? "configmap" : "secret"
    return .blocked(
      "release \(release) revision \(live.revision) is \(live.status): another helm is at work on it, or one was killed. "
        + "Wait for it; where nobody is at work: "
        + Kubectl(answers, namespace: namespace).line("delete", kind, live.object))
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let before = try await find(setup)
    if let before, before.isPending {
      progress(StepProgress("clearing the interrupted revision \(before.revision)"))
      try await unlock(before, setup)
    }
    var made = try await ingredients(setup)
    if let before, before.status == "deployed" {
      made["revision"] = "\(before.revision)"
      if try await differsInTextAlone(try await remembered(setup) ?? [:], made, setup) {
        return try await write(made, setup)
      }
    }
    let ours = try setup.stateFolder().file(source.valuesName)
    let command = upgrade(
      rollback: try await rollbackFlag(setup),
      values: source.valuesFiles(try await source.content(setup).chart, ours: ours, setup),
      chart: source.chart(setup.path), kubeconfig: try setup.helmTarget().kubeconfig)
    let message = "helm upgrade --install \(release)"
    progress(StepProgress(message))
    let watch = ReleaseWatch(release, in: namespace, setup)
    do {
      try await watch.during(message, tell: progress) {
        try await Self.run(command, setup, tried: "helm could not install release \(release)")
      }
    } catch var error as SetupError {
      // Our helm has ended, so a lock that was not there before is nobody's any more.
      if let left = try await find(setup), left.isPending, left != before { try await unlock(left, setup) }
      if rollsBack { try await explain(&error, watch, before, setup) }
      throw error
    }
    guard let live = try await find(setup), live.status == "deployed" else {
      throw SetupError(
        .installFailed, "helm ended well, but no deployed release \(release) is in the namespace",
        next: "See: helm list --namespace \(namespace)")
    }
    made["revision"] = "\(live.revision)"
    try await write(made, setup)
    let changes = await Observed { try await watch.changes() }
    progress(
      StepProgress("release \(release) revision \(live.revision) is deployed", details: changes.value ?? []))
  }

  /// After a rollback: why it failed, which the cluster does not show any more, and where the release is now.
  private func explain(
    _ error: inout SetupError, _ watch: ReleaseWatch, _ before: HelmRelease?, _ setup: Setup
  ) async throws {
    if let diagnosis = watch.diagnosis {
      let lines = ["It did not come up: \(diagnosis.obstacle.reason)"] + diagnosis.lines.map { "  \($0)" }
      error.message = ([error.message] + lines).joined(separator: "\n")
      error.next = diagnosis.obstacle.next
    }
    let live = try await find(setup)
    guard let live, live.status == "deployed" else {
      if live == nil { error.message += "\nhelm has taken release \(release) away again." }
      return
    }
    error.message +=
      "\nhelm has rolled release \(release) back; it is deployed as before, as revision \(live.revision)."
    // What we made is there again, under another number.
    var made = try await remembered(setup) ?? [:]
    guard let before, made["revision"] == "\(before.revision)" else { return }
    made["revision"] = "\(live.revision)"
    try await write(made, setup)
  }

  /// Says that the release is ours before it is there: an installation that fails leaves a release and no revision to
  /// remember.
  func claim(_ setup: Setup) async throws {
    if try await remembered(setup) == nil { try await write(["revision": Self.claimed], setup) }
  }

  /// The revision of a record that was made before there was any.
  static let claimed = "0"

  private func write(_ remembered: [String: String], _ setup: Setup) async throws {
    let data = remembered.reduce(into: [:] as JSONValue) { $0[$1.key] = .string($1.value) }
    try await record.apply(["data": data], setup.kubernetes())
  }

  /// Takes away the record of a revision that no helm is at work on.
  private func unlock(_ pending: HelmRelease, _ setup: Setup) async throws {
    _ = try await setup.kubernetes().delete(
      HelmRelease.storage(setup.world.environment), name: pending.object, namespace: namespace)
  }

  /// Runs helm and turns a failure into its own last words.
  static func run(_ command: ProcessCommand, _ setup: Setup, tried: String) async throws {
    let result = try await setup.world.processes.run(command)
    if result.exitCode == 0 { return }
    let said = OutsideText.clean(result.errors, keepsLines: true).split(separator: "\n")
      .filter { !$0.hasPrefix("WARNING:") && !$0.allSatisfy(\.isWhitespace) }.suffix(6).joined(separator: " ")
    let reason = result.timedOut ? "it did not end within \(command.deadline)" : said.trimmed(to: 1000)
    throw SetupError(
      .installFailed, "\(tried): \(reason)", next: "By hand: " + Shell.line([command.executable] + command.arguments))
  }
}
