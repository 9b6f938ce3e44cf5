import Text

/// The values file, 0600, made from the answers for the keys that this chart knows.
struct ValuesFileStep: Step {
  let id: StepID = "values"
  let title = "Values file"
  private let answers: Answers

  init(_ answers: Answers) { self.answers = answers }

  func commands(_ setup: Setup) async throws -> [EquivalentCommand] {
    let (file, chart) = try await Self.file(setup)
    let text = file.text(release: answers[.release] ?? "", chart: chart)
    let id = PredictionEnvironment.unmadeID
    let write = text.contains(id) ? "sed \"s/\(id)/$prediction_environment/\"" : "cat"
    let path = try setup.shellPath(setup.stateFolder().values)
    let folder = try setup.shellPath(setup.stateFolder().path)
    return [
      EquivalentCommand(
        Shell.hereDocument(text, to: "(umask 077 && mkdir -p \(folder) && \(write) >\(path))"))
    ]
  }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  func inspect(_ setup: Setup) async throws -> StepState {
    let (file, chart) = try await Self.file(setup)
    let path = try setup.stateFolder().values
    let text = file.text(release: answers[.release] ?? "", chart: chart)
    let left = file.missing.compactMap(\.paths.first).map { "left out \($0): the chart does not know it" }
    if try setup.world.files.read(path) == Array(text.utf8) { return .done("\(path) is as it should be") }
    let chosen = file.chosen.map { value in
      "\(value.summary), as set under values"
        + (file.isReplacement(value) ? ", in place of what other answers give" : "")
    }
    return .needed(["write \(path) (\(file.placed.count + file.chosen.count) values)"] + chosen + left)
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let (file, chart) = try await Self.file(setup)
    let text = file.text(release: answers[.release] ?? "", chart: chart)
    try setup.world.files.write(setup.stateFolder().values, Array(text.utf8), 0o600)
  }

  func undo(_ setup: Setup) async throws -> String {
    let path = try setup.stateFolder().values
    try setup.world.files.remove(path)
    return "removed \(path)"
  }

  /// The values for the chart of the answers.
  static func file(_ setup: Setup) async throws -> (ValuesFile, Chart) {
    guard let path = setup.answers[.chartPath] else {
      throw SetupError(.usage, "chart.path is missing", next: "Set it in the answers.")
    }
    switch await ChartLoader(world: setup.world).load(setup.path(path)) {
    case .seen(let chart):
      let answers = try await setup.answersWithEnvironment()
      return (ValuesFile(answers, chart: chart), chart)
    case .failed(let failure): throw SetupError(wrapping: failure, code: .tool)
    case .notAsked: throw SetupError(.tool, "the chart was not read")
    }
  }
}

extension Setup {
  /// One of our own paths as a shell's word, whose home folder is that of whoever runs the command.
  func shellPath(_ path: String) -> String {
    answers.shellPath(pathFromHome(path, home: world.environment["HOME"]))
  }
}
