/// A question's name, which is its path in the answers file: `registry.server`.
public struct QuestionID: Sendable, Hashable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The dotted path.
  public let path: String

  /// The id at a dotted path.
  public init(_ path: String) { self.path = path }
  /// The id at a dotted path.
  public init(stringLiteral value: String) { path = value }

  /// The dotted path.
  public var description: String { path }
  /// By path.
  public static func < (left: QuestionID, right: QuestionID) -> Bool { left.path < right.path }
}

/// One thing we need to know. The same list makes the wizard's pages, the answers file and its validation.
public struct Question: Sendable, Identifiable {
  /// What an answer looks like.
  public enum Kind: Sendable, Equatable {
    case text
    /// A file or folder; relative paths are relative to the answers file, `~` is the home folder.
    case path
    /// A secret; the name is the environment variable that an answers file written by the wizard refers to.
    case secret(environment: String)
    /// One of these.
    case choice([Choice])
    /// Several texts, each a path.
    case paths
    /// A Go duration: `10m`, `1h30m`.
    case duration
    /// Values of the chart.
    case values

    /// Whether it names a file or folder, or several.
    public var isPath: Bool { self == .path || self == .paths }
  }

  /// One thing to choose.
  public struct Choice: Sendable, Equatable {
    /// What the answers file holds.
    public var value: String
    /// What a person reads beside it.
    public var label: String
    /// What it means, a line each, for the help.
    public var details: [String]

    /// A choice from its parts.
    public init(_ value: String, _ label: String = "", details: [String] = []) {
      self.value = value
      self.label = label
      self.details = details
    }
  }

  /// The path in the answers file.
  public let id: QuestionID
  /// Where the wizard asks it.
  public let page: Page
  /// A few words before the field.
  public let label: String
  /// Why it is asked and what a good answer is: the help text and the comment in the answers file.
  public let why: String
  /// An answer as an example.
  public let example: String
  /// What an answer looks like.
  public let kind: Kind
  /// Whether an installation is impossible without it (and no default is found).
  public let isRequired: Bool
  /// Whether it is asked at all, given the other answers.
  public private(set) var applies: @Sendable (Answers) -> Bool
  /// The answer where none is given.
  public let suggestion: @Sendable (Answers, Survey) -> AnswerValue?
  /// Whether what is suggested follows from other answers and from the files and programs that they name. An answers file
  /// shows it as a comment, so that it goes on following them where they are changed.
  public let followsOthers: Bool
  /// Answers that the survey found, to choose from or to replace by one typed.
  public let candidates: @Sendable (Answers, Survey) -> [Choice]
  /// Whether the candidates, where there are any, are all that there is: then another answer is wrong.
  public let candidatesAreComplete: Bool
  /// Why the file that is named cannot be used, where it was looked at; nil: it can, or was not looked at.
  let refusal: @Sendable (Survey) -> ObservationFailure?
  /// What is wrong with an answer, in a person's words; nil: nothing.
  public let problem: @Sendable (AnswerValue, Answers) -> String?

  /// A question from its parts; what is left out is the common case.
  public init(
    _ id: QuestionID, page: Page, label: String, why: String, example: String = "", kind: Kind = .text,
    isRequired: Bool = true, applies: @escaping @Sendable (Answers) -> Bool = { _ in true },
    suggestion: @escaping @Sendable (Answers, Survey) -> AnswerValue? = { _, _ in nil },
    followsOthers: Bool = false,
    candidates: @escaping @Sendable (Answers, Survey) -> [Choice] = { _, _ in [] },
    candidatesAreComplete: Bool = false, refusal: @escaping @Sendable (Survey) -> ObservationFailure? = { _ in nil },
    problem: @escaping @Sendable (AnswerValue, Answers) -> String? = { _, _ in nil }
  ) {
    self.id = id
    self.page = page
    self.label = label
    self.why = why
    self.example = example
    self.kind = kind
    self.isRequired = isRequired
    self.applies = applies
    self.suggestion = suggestion
    self.followsOthers = followsOthers
    self.candidates = candidates
    self.candidatesAreComplete = candidatesAreComplete
    self.refusal = refusal
    self.problem = problem
  }
}

extension Question {
  /// The same question, asked under one more condition.
  func asked(where condition: @escaping @Sendable (Answers) -> Bool) -> Question {
    var question = self
    question.applies = { [applies] in condition($0) && applies($0) }
    return question
  }
}

/// The wizard's pages, in their order. Questions name the one they stand on. Images come early: they can be brought into
/// the registry while the rest is answered.
public enum Page: String, Sendable, CaseIterable {
  case cluster
  case preflight
  case registry
  case images
  case dataRobot
  case review
  case plan
  case run
  case result

  /// The heading.
  public var title: String {
    switch self {
    case .cluster: "Cluster"
    case .preflight: "Preflight"
    case .registry: "Registry"
    case .dataRobot: "DataRobot"
    case .images: "Images and chart"
    case .review: "Review"
    case .plan: "Plan"
    case .run: "Run"
    case .result: "Result"
    }
  }
}
