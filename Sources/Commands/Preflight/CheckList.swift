import Kubernetes
import Screen
import SetupCore

/// What `preflight --list` writes: every check there is.
enum CheckList {
  /// A check a paragraph: its id, whether it blocks, its title, what is required and why.
  static func text(_ checks: [Check], _ style: TextStyle) -> String {
    checks.map { check in
      let head = "\(check.id)  \(check.isBlocking ? "blocking" : "advisory")  \(check.title)"
      let body = ["required: \(check.required)", "why: \(check.why)"].flatMap { wrap($0, width: style.width - 2) }
      return ([head] + body.map { "  " + $0 }).map { style.shown($0) + "\n" }.joined()
    }.joined(separator: "\n")
  }

  /// The `CheckList` document.
  static func json(_ checks: [Check]) -> String {
    let items: [JSONValue] = checks.map { check in
      [
        "id": .string(check.id.name), "title": .string(check.title), "required": .string(check.required),
        "why": .string(check.why), "blocking": .bool(check.isBlocking),
      ]
    }
    return JSONText.pretty([
      "apiVersion": .string(AnswersFile.apiVersion), "kind": "CheckList", "checks": .array(items),
    ])
  }
}
