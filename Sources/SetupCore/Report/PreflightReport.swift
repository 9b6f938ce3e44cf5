import FoundationEssentials
import Text

/// The verdict of all checks: one value, written as text or JSON.
public struct PreflightReport: Sendable, Equatable {
  /// The context; nil: in-cluster, or none.
  public var context: String?
  /// The API server's URL, where it is known.
  public var server: String?
  /// In the order of the catalogue.
  public var checks: [CheckResult]

  /// A report from its parts.
  public init(context: String?, server: String?, checks: [CheckResult]) {
    self.context = context
    self.server = server
    self.checks = checks
  }

  /// The report of what a runner came to.
  public init(_ results: [CheckResult], _ survey: Survey, _ answers: Answers) {
    let server: String? =
      survey.cluster.value?.server ?? survey.contexts.value?.first { $0.name == answers[.context] }?.server
    self.init(context: answers[.context], server: server, checks: results)
  }

  /// The verdict: `fail` where a blocking check failed, else `unknown` where one is unknown, else `warn` where anything
  /// is not as it should be, else `pass`. A report without checks is unknown.
  public var result: FindingStatus {
    func any(_ statuses: FindingStatus..., blocking: Bool) -> Bool {
      checks.contains { statuses.contains($0.finding.status) && (!blocking || $0.isBlocking) }
    }
    if checks.isEmpty { return .unknown }
    if any(.fail, blocking: true) { return .fail }
    if any(.unknown, blocking: true) { return .unknown }
    return any(.warn, .fail, .unknown, blocking: false) ? .warn : .pass
  }

  /// How many checks have that verdict.
  public func count(_ status: FindingStatus) -> Int { checks.count { $0.finding.status == status } }

  /// What stands in the way of an installation; nil: nothing.
  public var obstacle: SetupError? {
    let obstacles = checks.filter { $0.isBlocking && ($0.finding.status == .fail || $0.finding.status == .unknown) }
    guard let first = obstacles.first else { return nil }
    let code: SetupError.Code = obstacles.contains { $0.finding.status == .fail } ? .checkFailed : .checkUnknown
    let names = obstacles.map(\.id.name).joined(separator: ", ")
    return SetupError(
      code, "Nothing was changed: \(names) must pass first. \(first.finding.message)",
      next: first.finding.remedy?.text ?? "")
  }
}

extension PreflightReport {
  /// One check in JSON.
  private struct CheckDocument: Encodable {
    let id: String
    let title: String
    let status: FindingStatus
    let blocking: Bool
    let observed: String
    let required: String
    let message: String
    let details: [String]
    let remedy: Remedy?
    let durationMilliseconds: Int
  }

  private struct Document: Encodable {
    let apiVersion = "mlops-setup/v1"
    let kind = "PreflightReport"
    let context: String?
    let server: String?
    let result: FindingStatus
    let summary: [String: Int]
    let checks: [CheckDocument]
  }

  // JSON escapes ESC, but neither 8-bit control characters nor direction marks, and people print it on terminals.
  private static func clean(_ text: String) -> String { OutsideText.clean(text, keepsLines: true) }

  private static func clean(_ remedy: Remedy) -> Remedy {
    Remedy(clean(remedy.text), command: remedy.command.map(clean), url: remedy.url.map(clean))
  }

  /// The JSON document; keys are sorted, checks are in the catalogue's order.
  public func json() throws -> String {
    let document = Document(
      context: context, server: server, result: result,
      summary: Dictionary(uniqueKeysWithValues: FindingStatus.allCases.map { ($0.rawValue, count($0)) }),
      checks: checks.map { check in
        CheckDocument(
          id: check.id.name, title: check.title, status: check.finding.status, blocking: check.isBlocking,
          observed: Self.clean(check.finding.observed), required: check.required,
          message: Self.clean(check.finding.message),
          details: check.finding.details.map(Self.clean), remedy: check.finding.remedy.map(Self.clean),
          durationMilliseconds: Int(check.duration / .milliseconds(1)))
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
  }
}
