import Text
import YAML

/// Reads the answers file's `waive:`, a list of `{check: ID, reason: TEXT, until: DATE}`.
struct WaiverReader {
  private(set) var waivers: [Waiver] = []
  private(set) var problems: [AnswersFile.Problem] = []

  private let known: [String]
  private static let form = "write {check: ID, reason: TEXT, until: YYYY-MM-DD}"

  /// A reader that knows these checks.
  init(known: [CheckID]) { self.known = known.map(\.name) }

  private mutating func report(_ mark: YAMLMark, _ text: String) {
    problems.append(AnswersFile.Problem(mark: mark, text: text))
  }

  mutating func read(_ node: YAMLNode) {
    if node.isNull { return }
    guard case .sequence(let items) = node.value else {
      return report(node.mark, "waive must be a list, not \(node.kind); \(Self.form)")
    }
    for item in items { readWaiver(item) }
  }

  private mutating func readWaiver(_ node: YAMLNode) {
    guard case .mapping(let entries) = node.value else {
      return report(node.mark, "a waiver must be a mapping, not \(node.kind); \(Self.form)")
    }
    let keys = ["check", "reason", "until"]
    for entry in entries where !keys.contains(entry.key) {
      let hint = DidYouMean.nearest(to: entry.key, among: keys).map { "did you mean \($0)?" } ?? Self.form
      report(entry.keyMark, "waive.\(entry.key) is not a known key; \(hint)")
    }
    var texts: [String: (text: String, mark: YAMLMark)] = [:]
    for key in keys {
      guard let entry = entries.first(where: { $0.key == key }), !entry.value.isNull else {
        report(node.mark, "a waiver without \(key) is none; \(Self.form)")
        continue
      }
      guard case .scalar(let scalar) = entry.value.value else {
        report(entry.value.mark, "waive.\(key) must be a text, not \(entry.value.kind)")
        continue
      }
      guard scalar.text.contains(where: { !$0.isWhitespace }) else {
        report(entry.value.mark, "a waiver without \(key) is none; \(Self.form)")
        continue
      }
      texts[key] = (scalar.text, entry.value.mark)
    }
    let check = texts["check"].flatMap { readCheck($0.text, $0.mark) }
    let until = texts["until"].flatMap { readDate($0.text, $0.mark) }
    guard let check, let until, let reason = texts["reason"]?.text else { return }
    if waivers.contains(where: { $0.check == check }) {
      return report(node.mark, "\(check) is waived twice; keep one of the two")
    }
    waivers.append(Waiver(check: check, reason: reason, until: until, mark: node.mark))
  }

  private mutating func readCheck(_ text: String, _ mark: YAMLMark) -> CheckID? {
    if known.contains(text) { return CheckID(text) }
    let hint = DidYouMean.nearest(to: text, among: known).map { "; did you mean \($0)?" }
    report(mark, "there is no check \(text)\(hint ?? "; mlops-setup preflight --list names them all")")
    return nil
  }

  private mutating func readDate(_ text: String, _ mark: YAMLMark) -> CalendarDate? {
    if let date = CalendarDate(text) { return date }
    report(mark, "waive.until must be a day like 2026-12-31, not \(text)")
    return nil
  }
}
