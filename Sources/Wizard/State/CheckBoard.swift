import SetupCore

/// The checks with what is known of each. Runs carry numbers, so that late news of a void run change nothing.
struct CheckBoard: Sendable {
  /// How far a check is.
  enum Progress: Sendable, Equatable {
    /// It was not asked for yet.
    case waiting
    /// It was asked for.
    case queued
    case running(since: Duration)
    case done(CheckResult)
  }

  /// A check and how far it is.
  struct Item: Sendable {
    let check: Check
    /// The page whose answers it is about; it runs when that page is left.
    let group: Page
    var progress = Progress.waiting
    /// The last run it took part in.
    var run = 0

    var result: CheckResult? { if case .done(let result) = progress { result } else { nil } }
    var status: FindingStatus? { result?.finding.status }

    /// Why an installation is refused because of it; nil: it is not.
    var blockade: String? {
      guard check.isBlocking else { return nil }
      switch progress {
      case .waiting: return "not run yet"
      case .queued, .running: return "still running"
      case .done(let result):
        switch result.finding.status {
        case .fail: return "failed"
        case .unknown: return "unknown"
        case .pass, .warn, .skipped, .waived: return nil
        }
      }
    }
  }

  /// What checks depend on: other inputs make their verdicts stale.
  struct Inputs: Sendable, Equatable {
    var values: [QuestionID: AnswerValue]
    var secretRevisions: [QuestionID: Int]
  }

  private(set) var items: [Item] = []
  private(set) var lastRun = 0
  /// The run that is under way for a group.
  private(set) var liveRuns: [Page: Int] = [:]
  private var inputs: [Page: Inputs] = [:]
  /// Groups that were to run and lack only answers that may be in the files which are being read.
  var held: Set<Page> = []

  /// Shows these checks; what is known of those that were there stays.
  mutating func show(_ checks: [Check]) {
    guard checks.map(\.id) != items.map(\.check.id) else { return }
    let known = items
    items = checks.map { check in
      known.first { $0.check.id == check.id } ?? Item(check: check, group: Self.group(of: check))
    }
  }

  /// The last page whose answers a check needs.
  private static func group(of check: Check) -> Page {
    return check.needs.map(\.page).max { $0.index < $1.index } ?? .cluster
  }

  /// The groups that have checks, in the order of the pages.
  var groups: [Page] { Page.allCases.filter { page in items.contains { $0.group == page } } }

  var isBusy: Bool { !liveRuns.isEmpty }

  /// Items that have a place in the list of checks: the cluster's, and others once they were asked for.
  var listed: [Item] {
    items.filter { $0.group == .cluster || $0.progress != .waiting }
  }

  /// What keeps an installation from being run.
  var blockades: [Item] { items.filter { $0.blockade != nil } }

  /// Whether these inputs are other than those of the group's last run.
  func isStale(_ group: Page, _ inputs: Inputs) -> Bool { self.inputs[group] != inputs }

  /// Whether a check of the group was never asked for, as those of another kind of registry.
  func hasNew(_ group: Page) -> Bool { items.contains { $0.group == group && $0.progress == .waiting } }

  /// Begins a run of a group's checks; a run of it that is under way is void.
  mutating func begin(_ group: Page, _ inputs: Inputs) -> [WizardEffect] {
    var effects: [WizardEffect] = []
    if let old = liveRuns[group] { effects.append(.cancelChecks(run: old)) }
    lastRun += 1
    liveRuns[group] = lastRun
    self.inputs[group] = inputs
    var ids: [CheckID] = []
    for index in items.indices where items[index].group == group {
      items[index].progress = .queued
      items[index].run = lastRun
      ids.append(items[index].check.id)
    }
    effects.append(.runChecks(run: lastRun, ids))
    return effects
  }

  func isLive(_ run: Int) -> Bool { liveRuns.values.contains(run) }

  mutating func started(_ id: CheckID, run: Int, now: Duration) {
    for index in items.indices where items[index].check.id == id && items[index].run == run {
      items[index].progress = .running(since: now)
    }
  }

  mutating func finished(_ result: CheckResult, run: Int) {
    for index in items.indices where items[index].check.id == result.id && items[index].run == run {
      items[index].progress = .done(result)
    }
  }

  /// What has no verdict at the end of a run is unknown, never green.
  mutating func ended(run: Int, _ error: SetupError?) {
    guard isLive(run) else { return }
    for (group, live) in liveRuns where live == run { liveRuns[group] = nil }
    for index in items.indices where items[index].run == run && items[index].result == nil {
      let check = items[index].check
      let finding = Finding(
        .unknown, observed: "nothing", message: error?.message ?? "The check ended without a verdict.",
        remedy: Remedy(error.map(\.next).flatMap { $0.isEmpty ? nil : $0 } ?? "Run the checks again."))
      items[index].progress = .done(
        CheckResult(
          id: check.id, title: check.title, isBlocking: check.isBlocking, required: check.required, finding: finding,
          duration: .zero))
    }
  }
}

extension WizardState {
  /// What the checks of a group depend on: its page's answers; uploads are tried in the repositories that the images page
  /// names, which are named after the registry; the chart's values are made of all three pages; and the steps, whose rights
  /// are checked, depend on what was chosen.
  func checkInputs(_ group: Page) -> CheckBoard.Inputs {
    let pages: Set<Page> =
      switch group {
      case .registry, .images: [.registry, .images]
      case .dataRobot: [.registry, .images, .dataRobot]
      default: [group]
      }
    var values: [QuestionID: AnswerValue] = [:]
    var revisions: [QuestionID: Int] = [:]
    for id in answers.ids {
      guard let question = questionnaire[id, completed] else { continue }
      let isChoice = if case .choice = question.kind { true } else { false }
      guard pages.contains(question.page) || (group == .cluster && isChoice) else { continue }
      values[id] = answers[id]?.value
      revisions[id] = secretRevisions[id]
    }
    return CheckBoard.Inputs(values: values, secretRevisions: revisions)
  }

  /// Runs the checks of the groups whose answers are complete and changed since they last ran, or all of them.
  mutating func runChecks(_ groups: [Page], evenIfFresh: Bool = false) -> [WizardEffect] {
    var effects: [WizardEffect] = []
    for group in checks.groups where groups.contains(group) {
      let inputs = checkInputs(group)
      let problems = problems(on: group)
      if isLookingLocally, !problems.isEmpty, problems.allSatisfy(\.isMissing) { checks.held.insert(group) }
      guard problems.isEmpty, evenIfFresh || checks.isStale(group, inputs) || checks.hasNew(group) else {
        continue
      }
      // Of another cluster nothing of what was seen holds; of the same one it stands until it is seen anew.
      if group == .cluster, checks.isStale(group, inputs) { survey = survey.withoutCluster }
      effects += checks.begin(group, inputs)
    }
    return effects
  }

  /// Runs the checks that waited for what was read.
  mutating func runHeldChecks() -> [WizardEffect] {
    let groups = Array(checks.held)
    checks.held = []
    return runChecks(groups, evenIfFresh: true)
  }
}
