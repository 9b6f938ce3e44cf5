import Kubernetes
import OrderedCollections
import Text

extension PreflightReport {
  /// The `PreflightReport` document of Resources/preflight-report.schema.json. Equal reports are equal bytes: keys stand
  /// in the schema's order, checks in the catalogue's.
  public func json() -> String { JSONText.pretty(document) }

  /// The `PreflightReportList` document: one report each of several contexts, in the order they were asked for.
  public static func json(_ reports: [PreflightReport]) -> String {
    JSONText.pretty([
      "apiVersion": .string(AnswersFile.apiVersion),
      "kind": .string("\((reports.first?.inspection ?? .preflight).reportKind)List"),
      "result": .string(worst(reports).rawValue), "items": .array(reports.map(\.document)),
    ])
  }

  private var document: JSONValue {
    let order: [FindingStatus] = [.pass, .warn, .fail, .unknown, .skipped, .waived]
    let summary = order.map { ($0.rawValue, JSONValue.integer(count($0))) }
    var document: OrderedDictionary<String, JSONValue> = [
      "apiVersion": .string(AnswersFile.apiVersion), "kind": .string(inspection.reportKind),
      "context": context.map(Self.text) ?? .null, "result": .string(result.rawValue),
      "summary": .object(OrderedDictionary(uniqueKeysWithValues: summary)), "checks": .array(checks.map(item)),
    ]
    if let server { document["server"] = Self.text(server) }
    return .object(document)
  }

  private func item(_ check: CheckResult) -> JSONValue {
    let finding = check.finding
    var item: OrderedDictionary<String, JSONValue> = [
      "id": .string(check.id.name), "title": .string(check.title), "status": .string(finding.status.rawValue),
      "blocking": .bool(check.isBlocking), "observed": Self.text(finding.observed), "required": .string(check.required),
      "message": Self.text(finding.message),
    ]
    if let remedy = finding.remedy {
      var members: OrderedDictionary<String, JSONValue> = ["text": Self.text(remedy.text)]
      members["command"] = remedy.command.map(Self.text)
      members["url"] = remedy.url.map(Self.text)
      item["remedy"] = .object(members)
    }
    item["durationMilliseconds"] = .integer(Int(check.duration / .milliseconds(1)))
    if !finding.details.isEmpty { item["details"] = .array(finding.details.map(Self.text)) }
    if let change = changes[check.id] { item["baseline"] = .string(change.rawValue) }
    return .object(item)
  }

  // A document may be shown on a terminal too, and JSON's own escapes leave out half of what could steer one.
  private static func text(_ outside: String) -> JSONValue { .string(OutsideText.clean(outside, keepsLines: true)) }
}

/// The JSON Schema (draft 2020-12) of the documents that `preflight --format json` and `verify --format json` write.
public enum PreflightReportSchema {
  /// Resources/preflight-report.schema.json.
  public static var text: String { String(decoding: PackageResources.preflight_report_schema_json, as: UTF8.self) }
}
