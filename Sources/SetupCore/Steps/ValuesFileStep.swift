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
    let text = try await source.content(setup).text(source)
    let id = PredictionEnvironment.unmadeID
    let write = text.contains(id) ? "sed \"s/\(id)/$prediction_environment/\"" : "cat"
    let path = try setup.shellPath(setup.stateFolder().file(source.valuesName))
    let folder = try setup.shellPath(setup.stateFolder().path)
    return [
      EquivalentCommand(
        Shell.hereDocument(text, to: "(umask 077 && mkdir -p \(folder) && \(write) >\(path))"))
    ]
  }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  func inspect(_ setup: Setup) async throws -> StepState {
    let content = try await source.content(setup)
    let file = content.values
    let path = try setup.stateFolder().file(source.valuesName)
    let left = file.missing.compactMap(\.paths.first).map { "left out \($0): the chart does not know it" }
    if try setup.world.files.read(path) == Array(content.text(source).utf8) {
      return .done("\(path) is as it should be")
    }
    let chosen = file.chosen.map { value in
      "\(value.summary), as set under values"
        + (file.isReplacement(value) ? ", in place of what other answers give" : "")
    }
    return .needed(["write \(path) (\(file.placed.count + file.chosen.count) values)"] + chosen + left)
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

extension Setup {
  /// One of our own paths as a shell's word, whose home folder is that of whoever runs the command.
  func shellPath(_ path: String) -> String {
    answers.shellPath(pathFromHome(path, home: world.environment["HOME"]))
  }
}
