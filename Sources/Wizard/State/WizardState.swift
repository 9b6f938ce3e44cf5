public import Screen
public import SetupCore

/// All that the wizard knows and shows: a value. Events change it by `reduce`, `render` and `describe` show it.
/// No secret stays in it once its field is left.
public struct WizardState: Sendable {
  /// The questions: every form is made from them.
  public let questionnaire: Questionnaire
  /// Where the answers file is written.
  public let answersPath: String
  /// The home folder of whoever reads, for paths on the screen; nil: paths are shown whole.
  let home: String?
  /// What our own commands need to run in the simulated world: `--demo` and the scenario's name; else empty.
  let demonstration: [String]
  /// The characters that frames are drawn with.
  public let glyphs: GlyphSet
  /// The size of the screen.
  public internal(set) var size = Size(columns: 80, rows: 24)
  /// The page that is shown.
  public internal(set) var page = Page.cluster
  /// The answers given so far.
  public internal(set) var answers: Answers { didSet { derive() } }
  /// What was seen of the world so far.
  public internal(set) var survey = Survey() { didSet { derive() } }
  /// Time since the start, as the last tick told.
  public internal(set) var now = Duration.zero

  /// The answers together with what is suggested where none was given. Follows from answers and survey.
  public private(set) var completed: Answers
  /// Everything that is missing or wrong. Follows from answers and survey.
  private(set) var problems: [AnswerProblem] = []
  /// The checks for answers; they depend on the kind of registry.
  private let checkList: @Sendable (Answers) -> [Check]

  /// Pages that were shown and left, and forms whose answers the review showed: only there a missing answer is a problem
  /// and not just not yet given.
  var left: Set<Page> = []
  /// Whether the page was reached from the review and leads back there.
  var returnsToReview = false
  /// Answers as they were when `answersChanged` was last told.
  var keptAnswers: Answers
  /// Lengths of the typed secrets, which are in the store.
  var secretLengths: [QuestionID: Int] = [:]
  /// Counts the secrets typed for a question: another secret under the same reference is another answer.
  var secretRevisions: [QuestionID: Int] = [:]
  /// Whether the kubeconfig, helm and the chart are being looked at.
  var isLookingLocally = false { didSet { derive() } }

  /// Whether the page is left as soon as that has ended; any key takes it back.
  var goesOnWhenSeen = false

  var form = FormState()
  var checks: CheckBoard
  var preflight = PreflightState()
  var review = ReviewState()
  var plan = PlanState()
  var run = RunState()
  var background = BackgroundImages()
  /// The list of the chart's values; nil: it is not shown.
  var chartKeys: ChartKeyList?
  var dialog: Dialog?
  /// First line shown of the help; nil: no help is shown.
  var helpOffset: Int?
  var notice: Notice?
  /// The exit code to leave with once the answers are saved.
  var quitAfterSaving: Int32?

  /// A wizard at its first page, with the answers that are known already and a word about where they came from.
  public init(
    questionnaire: Questionnaire = .standard, checks: @escaping @Sendable (Answers) -> [Check], answers: Answers,
    answersPath: String, home: String? = nil, demonstration: [String] = [], glyphs: GlyphSet = .unicode,
    greeting: String? = nil
  ) {
    self.questionnaire = questionnaire
    self.answersPath = answersPath
    self.home = home
    self.demonstration = demonstration
    self.glyphs = glyphs
    self.answers = answers
    completed = answers
    keptAnswers = answers
    checkList = checks
    self.checks = CheckBoard()
    notice = greeting.map(Notice.good)
    derive()
  }

  private mutating func derive() {
    completed = questionnaire.completed(answers, survey)
    // While the files are read anew, what was seen of them before is no reason to refuse an answer.
    problems = isLookingLocally ? questionnaire.problems(completed) : questionnaire.problems(completed, survey)
    for index in problems.indices { problems[index].text = withTitles(problems[index].text) }
    checks.show(checkList(completed))
  }

  /// Shows the first page. To be called once, before the first event.
  public mutating func start() -> [WizardEffect] {
    enterForm()
    return surveyLocally()
  }

  mutating func surveyLocally() -> [WizardEffect] {
    isLookingLocally = true
    return [.surveyLocally]
  }

  /// What an answers file gets: once they are complete and reviewed with the defaults that were seen, before that only what
  /// was given.
  public var answersToSave: Answers { problems.isEmpty && page.index >= Page.review.index ? completed : answersGiven }

  /// What the checks judge: what is shown. On the cluster's page a default can still follow what they will see.
  public var answersToCheck: Answers {
    var judged = answersGiven
    for question in questionnaire.questions where question.page != .cluster && judged[question.id] == nil {
      judged[question.id] = completed[question.id]
    }
    return judged
  }

  /// The answers that were given, so that a default can still follow what the cluster shows; with the defaults of choices,
  /// because other questions are asked only under them.
  public var answersGiven: Answers {
    var given = answers
    for question in questionnaire.questions {
      if case .choice = question.kind, given[question.id] == nil { given[question.id] = completed[question.id] }
    }
    return given
  }

  /// Whether something is under way, so that ticks are wanted.
  public var isBusy: Bool {
    isLookingLocally || checks.isBusy || plan.isMaking || run.isRunning || background.isLooking || background.isRunning
  }
}

/// A line above the footer, until the next key.
struct Notice: Sendable, Equatable {
  var text: String
  var style: Style

  static func good(_ text: String) -> Notice { Notice(text: text, style: .good) }
  static func warning(_ text: String) -> Notice { Notice(text: text, style: .warning) }
  static func bad(_ text: String) -> Notice { Notice(text: text, style: .bad) }
}

extension WizardState {
  /// The questions of the page that is shown.
  var questions: [Question] { questionnaire.questions(on: page, completed) }

  /// What is wrong with the answers of a page.
  func problems(on page: Page) -> [AnswerProblem] {
    problems.filter { questionnaire[$0.question, completed]?.page == page }
  }

  /// Whether the page is a form.
  var isForm: Bool { questionnaire.questions.contains { $0.page == page } }

  /// Where the plan goes, for headings: known from the answers alone.
  var target: String {
    let context = completed[.context] ?? "(current context)"
    return "context \(context), namespace \(completed[.namespace] ?? "?")"
  }
}

extension Page {
  /// The heading's first word, for the rail.
  var shortTitle: String { String(title.prefix { $0 != " " }) }

  /// From 0.
  var index: Int { Page.allCases.firstIndex(of: self) ?? 0 }

  /// The page after this one.
  var next: Page? { index + 1 < Page.allCases.count ? Page.allCases[index + 1] : nil }

  /// The page before this one.
  var previous: Page? { index > 0 ? Page.allCases[index - 1] : nil }
}
