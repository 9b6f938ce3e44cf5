import Kubernetes
import OrderedCollections

/// JSON Merge Patch (RFC 7396).
enum MergePatch {
  static func apply(_ patch: JSONValue, to target: JSONValue?) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    var result: OrderedDictionary<String, JSONValue> = [:]
    if case .object(let members)? = target { result = members }
    for (name, change) in changes {
      if change == .null {
        result[name] = nil
      } else {
        result[name] = apply(change, to: result[name])
      }
    }
    return .object(result)
  }
}
