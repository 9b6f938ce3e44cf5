import Kubernetes
import Text

/// What became of a check since an earlier report.
public enum BaselineChange: String, Sendable, CaseIterable {
  /// It warns, fails or is unknown, and was none of these before, or was not in the report.
  case new
  /// It passes, and warned, failed or was unknown before.
  case fixed
  /// Its status is the same.
  case same
  /// Its status is another in any other way.
  case changed

  /// The change from an earlier status, nil where the report had no such check, to a later one.
  init(from earlier: FindingStatus?, to later: FindingStatus) {
    let bad: [FindingStatus] = [.warn, .fail, .unknown]
    let wasBad = earlier.map(bad.contains) ?? false
    self =
      if earlier == later { .same } else if bad.contains(later) && !wasBad { .new } else if later == .pass && wasBad {
        .fixed
      } else { .changed }
  }
}

/// An earlier report, to compare with.
public struct Baseline: Sendable, Equatable {
  /// The status of each check of one report.
  struct Report: Sendable, Equatable {
    var context: String?
    var statuses: [String: FindingStatus]
  }

  private(set) var reports: [Report]

  /// Reads a `PreflightReport` or `PreflightReportList` document, or those of a verification; anything else is a usage error that names `source`.
  public init(
    _ bytes: [UInt8], source: String, of inspection: Inspection = .preflight
  ) throws(SetupError) {
    func refused(_ why: String) -> SetupError {
      SetupError(
        .usage, "the baseline \(source) cannot be read: \(why)",
        next: "Name a report that \(inspection.rawValue) --format json wrote.")
    }
    let root: JSONValue
    do {
      root = try JSONText.parse(bytes)
    } catch {
      throw refused("it is no JSON: \(error.message)")
    }
    guard root["apiVersion"]?.string == AnswersFile.apiVersion else {
      throw refused("its apiVersion is not \(AnswersFile.apiVersion)")
    }
    let documents: [JSONValue]
    switch root["kind"]?.string {
    case inspection.reportKind: documents = [root]
    case "\(inspection.reportKind)List":
      guard let items = root["items"]?.array else { throw refused("it has no items") }
      documents = items
    case let kind:
      throw refused(
        "its kind is \(OutsideText.clean(kind ?? "missing", limit: 40)), not \(inspection.reportKind)")
    }
    reports = []
    for document in documents {
      guard let checks = document["checks"]?.array else { throw refused("it has no checks") }
      var statuses: [String: FindingStatus] = [:]
      for (index, check) in checks.enumerated() {
        guard let id = check["id"]?.string, let status = check["status"]?.string.flatMap(FindingStatus.init(rawValue:))
        else { throw refused("checks[\(index)] has no id, or a status that is none") }
        statuses[id] = status
      }
      reports.append(Report(context: document["context"]?.string, statuses: statuses))
    }
  }

  /// What became of each check of these reports. One report is compared with the one of the baseline whatever their
  /// contexts are called; of several, each with that of its context, and a context without one is a usage error.
  public func marked(_ reports: [PreflightReport]) throws(SetupError) -> [PreflightReport] {
    var marked: [PreflightReport] = []
    for var report in reports {
      let earlier = try self.earlier(report.context, isOnly: reports.count == 1)
      for check in report.checks {
        report.changes[check.id] = BaselineChange(from: earlier.statuses[check.id.name], to: check.finding.status)
      }
      marked.append(report)
    }
    return marked
  }

  /// Throws where the baseline has no report of one of these contexts: known before anything is asked.
  public func prove(_ contexts: [String?]) throws(SetupError) {
    for context in contexts { _ = try earlier(context, isOnly: contexts.count == 1) }
  }

  private func earlier(_ context: String?, isOnly: Bool) throws(SetupError) -> Report {
    if isOnly && reports.count == 1 { return reports[0] }
    if let report = reports.first(where: { $0.context == context }) { return report }
    let known = reports.map { OutsideText.clean($0.context ?? "none") }.joined(separator: ", ")
    throw SetupError(
      .usage, "the baseline has no report of the context \(context ?? "none")",
      next: "Its contexts are: \(known.isEmpty ? "none" : known).")
  }
}
