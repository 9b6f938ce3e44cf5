import Text

/// The values file of a release, 0600, made from the answers for the keys that its chart knows.
struct ValuesFileStep: Step {
  let id: StepID
  let title: String
  private let source: any ReleaseSource

  /// The agent's values file.
  init(_ answers: Answers) { self.init(id: "values", title: "Values file", AgentSource(answers)) }

  init(id: StepID, title: String, _ source: any ReleaseSource) {
    self.id = id
    self.title = title
    self.source = source
  }

  func commands(_ setup: Setup) async throws -> [EquivalentCommand] {
    let name = source.valuesName
    let text = try await source.content(setup).text(source)
    let write = Shell.hereDocument(text, to: "cat >\(name)")
    guard text.contains(PredictionEnvironment.unmadeID) else { return [EquivalentCommand(write)] }
    let fill = "sed \"s/\(PredictionEnvironment.unmadeID)/$prediction_environment/\" \(name) >filled.yaml"
    return [EquivalentCommand("\(write)\n\(fill) && mv filled.yaml \(name)")]
  }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  func inspect(_ setup: Setup) async throws -> StepState {
    let content = try await source.content(setup)
    let path = try setup.stateFolder().file(source.valuesName)
    let left = content.values.missing.compactMap(\.paths.first).map { "left out \($0): the chart does not know it" }
    if try setup.world.files.read(path) == Array(content.text(source).utf8) {
      return .done("\(path) is as it should be")
    }
    return .needed(["write \(path) (\(content.values.placed.count) values)"] + left)
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let text = try await source.content(setup).text(source)
    try setup.world.files.write(setup.stateFolder().file(source.valuesName), Array(text.utf8), 0o600)
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    let path = try setup.stateFolder().file(source.valuesName)
    let files = setup.world.files
    guard try files.kind(path) != nil else { return [.gone("\(path) is not there")] }
    return [.removable(path) { try files.remove(path) }]
  }
}
