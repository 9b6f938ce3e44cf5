public import YAML

/// The value of an answer.
public enum AnswerValue: Sendable, Equatable {
  case text(String)
  case list([String])
  case secret(SecretReference)
  /// Values of the chart, which the answers file holds as one mapping.
  case values([ChosenValue])

  /// The text, where it is one.
  public var text: String? { if case .text(let text) = self { text } else { nil } }
}

/// An answer and where it came from.
public struct Answer: Sendable, Equatable {
  /// Where an answer came from.
  public enum Origin: Sendable, Equatable {
    /// Typed or chosen in the wizard.
    case typed
    /// Read from an answers file, at that place.
    case file(YAMLMark)
    /// Nobody gave one; this is the question's own suggestion.
    case suggested
  }

  /// The value.
  public var value: AnswerValue
  /// Where it came from.
  public var origin: Origin

  /// An answer from its parts.
  public init(_ value: AnswerValue, origin: Origin = .typed) {
    self.value = value
    self.origin = origin
  }
}

/// A question's id together with the type of its answer, so that `answers[.namespace]` is a `String?`.
public struct AnswerKey<Value>: Sendable {
  /// The question.
  public let id: QuestionID

  /// The key of a question.
  public init(_ id: QuestionID) { self.id = id }
}

/// The answers given so far: a value. `Questionnaire.completed` adds what the questions suggest.
public struct Answers: Sendable, Equatable {
  private var answers: [QuestionID: Answer] = [:]
  /// The folder that relative paths are relative to: the answers file's own, or the working directory.
  public var baseDirectory: String
  /// The findings that are accepted.
  public var waivers: [Waiver] = []

  /// No answers yet.
  public init(baseDirectory: String = "") { self.baseDirectory = baseDirectory }

  /// The answer to a question.
  public subscript(id: QuestionID) -> Answer? {
    get { answers[id] }
    set { answers[id] = newValue }
  }

  /// A text answer; an empty text is none.
  public subscript(key: AnswerKey<String>) -> String? {
    guard case .text(let text)? = answers[key.id]?.value, !text.isEmpty else { return nil }
    return text
  }

  /// A list answer; none given is empty.
  public subscript(key: AnswerKey<[String]>) -> [String] {
    guard case .list(let texts)? = answers[key.id]?.value else { return [] }
    return texts
  }

  /// The chart's values that are set; none given is empty.
  public subscript(key: AnswerKey<[ChosenValue]>) -> [ChosenValue] {
    guard case .values(let values)? = answers[key.id]?.value else { return [] }
    return values
  }

  /// Where a secret is to be found.
  public subscript(key: AnswerKey<SecretReference>) -> SecretReference? {
    guard case .secret(let reference)? = answers[key.id]?.value else { return nil }
    return reference
  }

  /// The ids that have an answer, sorted.
  public var ids: [QuestionID] { answers.keys.sorted() }
}
