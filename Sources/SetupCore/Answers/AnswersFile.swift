import Text
public import YAML

/// The answers file (`apiVersion: mlops-setup/v1`, `kind: Answers`): the questions' ids are its paths.
public enum AnswersFile {
  /// The version this program reads and writes.
  public static let apiVersion = "mlops-setup/v1"

  /// Something in the file that cannot be taken as an answer.
  public struct Problem: Sendable, Equatable, CustomStringConvertible {
    /// Where it stands.
    public var mark: YAMLMark
    /// What is wrong and what to do.
    public var text: String

    /// `path:line:column: text`.
    public var description: String { "\(mark): \(text)" }
  }

  /// What a file said.
  public struct Content: Sendable {
    /// The answers that could be read.
    public var answers: Answers
    /// All that could not, in the order of the file.
    public var problems: [Problem]
  }

  /// Reads a file's text. Relative paths in it are relative to `baseDirectory`.
  public static func read(
    _ text: [UInt8], source: String, baseDirectory: String, questionnaire: Questionnaire = .standard
  ) -> Content {
    do throws(YAMLError) {
      guard let root = try YAML.parse(text, source: source) else {
        let problem = Problem(mark: YAMLMark(source: source), text: "the file is empty; it must hold the answers")
        return Content(answers: Answers(baseDirectory: baseDirectory), problems: [problem])
      }
      var reader = AnswersReader(questionnaire: questionnaire, baseDirectory: baseDirectory)
      reader.read(root)
      return Content(answers: reader.answers, problems: reader.problems)
    } catch {
      let problem = Problem(mark: error.mark, text: error.message)
      return Content(answers: Answers(baseDirectory: baseDirectory), problems: [problem])
    }
  }
}

/// Walks the file's tree along the questionnaire and collects answers and problems.
private struct AnswersReader {
  let questionnaire: Questionnaire
  var answers: Answers
  var problems: [AnswersFile.Problem] = []

  init(questionnaire: Questionnaire, baseDirectory: String) {
    self.questionnaire = questionnaire
    answers = Answers(baseDirectory: baseDirectory)
  }

  private mutating func report(_ mark: YAMLMark, _ text: String) {
    problems.append(AnswersFile.Problem(mark: mark, text: text))
  }

  mutating func read(_ root: YAMLNode) {
    guard case .mapping(let entries) = root.value else {
      return report(root.mark, "the file must be a mapping that begins with apiVersion and kind, not \(root.kind)")
    }
    expect("apiVersion", AnswersFile.apiVersion, in: entries, root.mark)
    expect("kind", "Answers", in: entries, root.mark)
    // Whatever this is, its lines are not ours to show.
    guard entries.contains(where: { ["apiVersion", "kind"].contains($0.key) }) else { return }
    var sections: [String: [Question]] = [:]
    for question in questionnaire.questions { sections[question.section, default: []].append(question) }
    for entry in entries where entry.key != "apiVersion" && entry.key != "kind" {
      if entry.key == "waive" {
        var waivers = WaiverReader(known: Inspection.known)
        waivers.read(entry.value)
        answers.waivers = waivers.waivers
        problems += waivers.problems
        continue
      }
      guard let questions = sections[entry.key] else {
        report(entry.keyMark, unknown(entry.key, among: Array(sections.keys) + ["apiVersion", "kind", "waive"]))
        continue
      }
      if let question = questions.first(where: { $0.kind == .values }) {
        readValues(entry.value, question)
      } else {
        readSection(entry, questions)
      }
    }
    for id in answers.ids {
      let given = answers.withProviderSuggested(questionnaire)
      guard let question = questionnaire[id, given], !question.applies(given),
        case .file(let mark)? = answers[id]?.origin
      else { continue }
      // That nothing is wanted goes without saying, and may be said.
      if let text = answers[id]?.value.text, ["none", "no"].contains(text) { continue }
      report(mark, "\(id) has no meaning with the other answers; remove it\(applicability(id))")
    }
  }

  private func applicability(_ id: QuestionID) -> String {
    id == "registry.certificateAuthority" && answers[.scheme] == "http" ? " (registry.scheme is http)" : ""
  }

  private mutating func expect(_ key: String, _ value: String, in entries: [YAMLEntry], _ mark: YAMLMark) {
    guard let entry = entries.first(where: { $0.key == key }) else {
      return report(mark, "\(key) is missing; add `\(key): \(value)`")
    }
    if entry.value.string != value {
      report(entry.value.mark, "\(key) must be \(value); this program reads no other")
    }
  }

  /// The chart's values; which of them the chart knows is seen when it is read.
  private mutating func readValues(_ node: YAMLNode, _ question: Question) {
    if node.isNull { return }
    guard case .mapping = node.value else {
      return report(node.mark, "\(question.id) must be a mapping of the chart's values, not \(node.kind)")
    }
    let values = ChosenValue.all(in: node)
    if !values.isEmpty { answers[question.id] = Answer(.values(values), origin: .file(node.mark)) }
  }

  private mutating func readSection(_ section: YAMLEntry, _ questions: [Question]) {
    if section.value.isNull { return }
    guard case .mapping(let entries) = section.value.value else {
      return report(section.value.mark, "\(section.key) must be a mapping, not \(section.value.kind)")
    }
    // What the other keys of the registry mean depends on its provider.
    func isDecisive(_ entry: YAMLEntry) -> Bool { "\(section.key).\(entry.key)" == AnswerKey.provider.id.path }
    for entry in entries.filter(isDecisive) + entries.filter({ !isDecisive($0) }) {
      let id = QuestionID("\(section.key).\(entry.key)")
      guard let question = questionnaire[id, answers.withProviderSuggested(questionnaire)] else {
        report(entry.keyMark, unknown(entry.key, among: Set(questions.map(\.key)).sorted(), in: section.key))
        continue
      }
      if entry.value.isNull { continue }
      guard let value = value(of: entry.value, for: question) else { continue }
      answers[question.id] = Answer(value, origin: .file(entry.value.mark))
      if let problem = question.problem(value, answers) { report(entry.value.mark, "\(question.id) \(problem)") }
    }
  }

  private func unknown(_ key: String, among known: [String], in section: String? = nil) -> String {
    let path = section.map { "\($0).\(key)" } ?? key
    if let near = DidYouMean.nearest(to: key, among: known) {
      return "\(path) is not a known key; did you mean \(section.map { "\($0).\(near)" } ?? near)?"
    }
    let place = section.map { "\($0) has" } ?? "the keys are"
    return "\(path) is not a known key; \(place) \(known.sorted().joined(separator: ", "))"
  }

  private mutating func value(of node: YAMLNode, for question: Question) -> AnswerValue? {
    switch question.kind {
    case .text, .path, .duration, .choice:
      guard case .scalar(let scalar) = node.value else {
        report(node.mark, "\(question.id) must be a text, not \(node.kind)")
        return nil
      }
      if case .choice(let choices) = question.kind, !choices.contains(where: { $0.value == scalar.text }) {
        let known = choices.map(\.value)
        let hint = DidYouMean.nearest(to: scalar.text, among: known).map { "; did you mean \($0)?" } ?? ""
        report(node.mark, "\(question.id) must be one of \(known.joined(separator: ", "))\(hint)")
        return nil
      }
      if question.kind == .duration, GoDuration(scalar.text) == nil {
        report(node.mark, "\(question.id) must be a duration like 10m or 1h30m")
        return nil
      }
      return .text(scalar.text)
    case .paths:
      guard case .sequence(let nodes) = node.value else {
        report(node.mark, "\(question.id) must be a list of paths, not \(node.kind)")
        return nil
      }
      var paths: [String] = []
      for node in nodes {
        guard case .scalar(let scalar) = node.value, !scalar.text.isEmpty else {
          report(node.mark, "\(question.id) must be a list of paths; this is \(node.kind)")
          continue
        }
        paths.append(scalar.text)
      }
      return .list(paths)
    case .secret(let environment):
      return secret(node, question, environment).map { .secret($0) }
    case .values:
      return .values(ChosenValue.all(in: node))
    }
  }

  private mutating func secret(_ node: YAMLNode, _ question: Question, _ environment: String) -> SecretReference? {
    let forms = "write {env: \(environment)}, {file: PATH} or {existing: SECRET-NAME}"
    guard case .mapping(let entries) = node.value else {
      report(
        node.mark, "\(question.id) must not stand in this file; \(forms)")
      return nil
    }
    guard entries.count == 1, let entry = entries.first, let text = entry.value.string, !text.isEmpty else {
      report(node.mark, "\(question.id) takes exactly one reference; \(forms)")
      return nil
    }
    switch entry.key {
    case "env": return .environment(text)
    case "file": return .file(text)
    case "drconfig" where question.id == AnswerKey.apiToken.id: return .dataRobotConfiguration(text)
    case "existing": return .existing(text)
    default:
      report(entry.keyMark, unknown(entry.key, among: ["env", "file", "existing"], in: question.id.path))
      return nil
    }
  }
}

extension Answers {
  /// These answers with the provider that is taken where none was given, so that its questions apply.
  fileprivate func withProviderSuggested(_ questionnaire: Questionnaire) -> Answers {
    guard self[.provider] == nil, let question = questionnaire[AnswerKey.provider.id, self] else { return self }
    var answers = self
    if let value = question.suggestion(self, Survey()) { answers[question.id] = Answer(value, origin: .suggested) }
    return answers
  }
}

extension Question {
  /// The answers file's top-level key: `registry`.
  var section: String { String(id.path.prefix { $0 != "." }) }
  /// The key inside its section: `server`.
  var key: String { String(id.path.drop { $0 != "." }.dropFirst()) }
}
