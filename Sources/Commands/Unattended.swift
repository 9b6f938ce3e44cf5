import SetupCore

/// What every command that is fed by an answers file does first: read it, complete it, and say all that is wrong at once.
struct Unattended {
  let context: CommandContext
  /// The answers file that was named.
  let file: String?
  /// The kubeconfig that goes before the answers file's.
  let kubeconfig: String?
  /// The kubeconfig's context that goes before the answers file's.
  let contextName: String?

  init(context: CommandContext, file: String?, kubeconfig: String?, contextName: String?) {
    self.context = context
    self.file = file
    self.kubeconfig = kubeconfig
    self.contextName = contextName
  }

  init(context: CommandContext, options: AnswersOptions) {
    self.init(
      context: context, file: options.answers, kubeconfig: options.kubeconfig, contextName: options.context)
  }

  private var questionnaire: Questionnaire { .standard }

  /// The answers file: the named one, or the simulated world's own.
  var path: String? { file ?? context.demonstrationAnswers }

  /// The answers of the file and the command line, not yet completed. Throws all problems of the file at once.
  func given() throws -> Answers {
    let world = context.world
    var answers = Answers(baseDirectory: world.workingDirectory)
    if let path {
      let absolute = context.path(path)
      guard let text = try context.read(absolute) else {
        throw SetupError(.usage, "there is no answers file \(absolute)", next: "Name one with --answers.")
      }
      let folder = absolute.lastIndex(of: "/").map { String(absolute[..<$0]) } ?? world.workingDirectory
      let content = AnswersFile.read(text, source: path, baseDirectory: folder, questionnaire: questionnaire)
      let problems = content.problems(on: CalendarDate(world.now()))
      guard problems.isEmpty else {
        throw SetupError(
          .usage, Self.list(problems.map(\.description)),
          next: "Correct the answers file; nothing was changed.")
      }
      answers = content.answers
    }
    if let kubeconfig {
      answers["cluster.kubeconfig"] = Answer(.text(context.path(kubeconfig)), origin: .typed)
    }
    if let name = contextName { answers["cluster.context"] = Answer(.text(name), origin: .typed) }
    return answers
  }

  /// A set-up with the given answers; where they will be needed, its kubeconfig and its secrets are proved readable.
  func setup(_ answers: Answers, needsCluster: Bool = true, needsSecrets: Bool = true) throws -> Setup {
    let setup = Setup(world: context.world, answers: answers, requirements: try .documented())
    if needsCluster { try setup.proveConnection() }
    let problems = needsSecrets ? setup.secretProblems(questionnaire) : []
    guard problems.isEmpty else { throw usage(problems, answers) }
    return setup
  }

  /// The set-up with every answer there; what is missing or wrong is thrown, all of it at once.
  func completed(_ setup: Setup) async throws -> Setup {
    let survey = await Surveyor().local(setup)
    let completed = questionnaire.completed(setup.answers, survey)
    var problems = questionnaire.problems(completed)
    var refusals = questionnaire.refusals(completed, survey)
    if !problems.contains(where: { $0.isMissing && $0.question.path.hasPrefix("images.") }) {
      // Not every command needs the chart, and where one does, its own check tells what is wrong with it.
      refusals.removeAll { $0.question == AnswerKey.chartPath.id }
    }
    let areFilesRefused = refusals.contains { questionnaire[$0.question, completed]?.kind.isPath == true }
    problems = refusals + problems
    // What follows from other answers is not missing for a fault of its own; the chart follows from the package's file alone.
    func follows(_ problem: AnswerProblem) -> Bool {
      problem.isMissing && questionnaire[problem.question, completed]?.followsOthers == true
        && (problem.question != AnswerKey.chartPath.id || areFilesRefused)
    }
    if !problems.allSatisfy(follows) { problems.removeAll(where: follows) }
    guard problems.isEmpty else { throw usage(problems, completed, unseen: Self.unseen(problems, completed, survey)) }
    return setup.with(completed)
  }

  /// Why nothing was found for answers about the registry that are missing; nil: it is not for want of a look.
  private static func unseen(_ problems: [AnswerProblem], _ completed: Answers, _ survey: Survey) -> String? {
    guard problems.contains(where: { $0.isMissing && $0.question.path.hasPrefix("registry.") }),
      case .failed(let failure)? = RegistryProviders.chosen(completed)?.lookedUp(survey)
    else { return nil }
    return "What is missing of the registry would have been looked up: \(failure.message)"
  }

  /// One a line; of very many the first say enough.
  private static func list(_ lines: [String]) -> String {
    let limit = 20
    let more = lines.count > limit ? ["and \(lines.count - limit) more"] : []
    return (lines.prefix(limit) + more).joined(separator: "\n")
  }

  private func usage(_ problems: [AnswerProblem], _ answers: Answers, unseen: String? = nil) -> SetupError {
    let lines = problems.map { problem in
      var line = "\(problem.question) \(problem.text)"
      if let mark = problem.mark {
        line = "\(mark): \(line)"
      } else if case .file(let mark)? = answers[problem.question]?.origin {
        line = "\(mark): \(line)"
      }
      guard problem.isMissing, let question = questionnaire[problem.question, answers] else { return line }
      if case .secret(let variable) = question.kind { return line + ". \(question.why) Write {env: \(variable)}." }
      return line + ". \(question.why)" + (question.example.isEmpty ? "" : " Example: \(question.example)")
    }
    return SetupError(
      .usage, Self.list(lines + [unseen].compactMap { $0 }), next: "Correct the answers; nothing was changed.")
  }
}
