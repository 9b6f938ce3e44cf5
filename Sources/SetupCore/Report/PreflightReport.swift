import Text

/// The verdict of all checks of a preflight or a verification: one value, written in many formats.
public struct PreflightReport: Sendable, Equatable {
  /// The context; nil: in-cluster, or none.
  public var context: String?
  /// The API server's URL, where it is known.
  public var server: String?
  /// In the order of the catalogue.
  public var checks: [CheckResult]
  /// What it is a report of.
  public var inspection = Inspection.preflight
  /// What became of each check since an earlier report; empty where there was none to compare with.
  public var changes: [CheckID: BaselineChange] = [:]

  /// A report from its parts.
  public init(context: String?, server: String?, checks: [CheckResult]) {
    self.context = context
    self.server = server
    self.checks = checks
  }

  /// The report of what a runner came to.
  public init(
    _ results: [CheckResult], _ survey: Survey, _ answers: Answers, of inspection: Inspection = .preflight
  ) {
    let server: String? =
      survey.cluster.value?.server ?? survey.contexts.value?.first { $0.name == answers[.context] }?.server
    self.init(context: answers[.context], server: server, checks: results)
    self.inspection = inspection
  }

  /// The verdict: `fail` where a blocking check failed, else `unknown` where one is unknown, else `warn` where anything
  /// is not as it should be, else `pass`. A report in which nothing was looked at is unknown.
  public var result: FindingStatus {
    func any(_ statuses: FindingStatus..., blocking: Bool) -> Bool {
      checks.contains { statuses.contains($0.finding.status) && (!blocking || $0.isBlocking) }
    }
    if checks.allSatisfy({ $0.finding.status == .skipped }) { return .unknown }
    if any(.fail, blocking: true) { return .fail }
    if any(.unknown, blocking: true) { return .unknown }
    return any(.warn, .fail, .unknown, blocking: false) ? .warn : .pass
  }

  /// How many checks have that verdict.
  public func count(_ status: FindingStatus) -> Int { checks.count { $0.finding.status == status } }

  /// The process' exit code (README, "Exit codes").
  public func exitCode(failsOnWarnings: Bool) -> Int32 {
    switch result {
    case .fail: 3
    case .unknown: 5
    case .warn: failsOnWarnings ? 4 : 0
    case .pass, .skipped, .waived: 0
    }
  }

  /// The worst verdict of several reports; none at all is unknown.
  public static func worst(_ reports: [PreflightReport]) -> FindingStatus {
    let results = reports.map(\.result)
    return [FindingStatus.fail, .unknown, .warn].first(where: results.contains) ?? (results.isEmpty ? .unknown : .pass)
  }

  /// `context prod (https://…)`, or `the cluster`.
  public var place: String {
    let parts = [context.map { "context \($0)" }, server.map { "(\($0))" }].compactMap { $0 }
    return OutsideText.clean(parts.isEmpty ? "the cluster" : parts.joined(separator: " "))
  }

  /// `1 fail, 20 pass`: how many of each, those that need attention first.
  public var counts: String {
    let order: [FindingStatus] = [.fail, .unknown, .warn, .waived, .skipped, .pass]
    return order.filter { count($0) > 0 }.map { "\(count($0)) \($0.rawValue)" }.joined(separator: ", ")
  }

  /// What stands in the way of an installation, each check with why; nil: nothing.
  public var obstacle: SetupError? {
    let obstacles = checks.filter { $0.isBlocking && ($0.finding.status == .fail || $0.finding.status == .unknown) }
    guard let first = obstacles.first else { return nil }
    let code: SetupError.Code = obstacles.contains { $0.finding.status == .fail } ? .checkFailed : .checkUnknown
    guard obstacles.count > 1 else {
      return SetupError(
        code, "Nothing was changed: \(first.id) must pass first. \(first.finding.message)",
        next: first.finding.remedy?.text ?? "")
    }
    let lines = obstacles.map { check in
      "  " + "\(check.id): \(check.finding.message.prefix { !$0.isNewline })".trimmed(to: 160)
    }
    return SetupError(
      code, (["Nothing was changed: \(obstacles.count) checks must pass first."] + lines).joined(separator: "\n"),
      next: "The report says of each what to do; mlops-setup preflight makes it again.")
  }
}
