import Kubernetes
import OrderedCollections

/// JSON Patch (RFC 6902) with JSON Pointers (RFC 6901).
enum JSONPatch {
  static func apply(_ patch: JSONValue, to target: JSONValue) throws(APIError) -> JSONValue {
    guard let operations = patch.array else {
      throw .badRequest("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    }
    var result = target
    for operation in operations { result = try perform(operation, on: result) }
    return result
  }

  private static func perform(_ operation: JSONValue, on target: JSONValue) throws(APIError) -> JSONValue {
    let path = try pointer(operation["path"]?.string ?? "")
    let name = operation["op"]?.string ?? ""
    switch name {
    case "add", "replace":
      guard let value = operation["value"] else { throw refused(operation, "missing value") }
      return try edit(target, path, operation) { _ in value }
    case "remove":
      return try edit(target, path, operation) { _ in nil }
    case "test":
      guard try value(target, path, operation) == (operation["value"] ?? .null) else {
        throw refused(operation, "testing path \(operation["path"]?.string ?? "") failed")
      }
      return target
    case "move", "copy":
      let from = try pointer(operation["from"]?.string ?? "")
      let moved = try value(target, from, operation)
      let base = name == "move" ? try edit(target, from, ["op": "remove"]) { _ in nil } : target
      return try edit(base, path, ["op": "add"]) { _ in moved }
    default:
      throw refused(operation, "Unexpected kind: \(name)")
    }
  }

  private static func pointer(_ text: String) throws(APIError) -> [String] {
    if text.isEmpty { return [] }
    guard text.hasPrefix("/") else { throw .badRequest("invalid JSON pointer \"\(text)\"") }
    return text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { part in
      var result = ""
      var rest = part
      while let character = rest.first {
        rest = rest.dropFirst()
        if character == "~", let next = rest.first {
          rest = rest.dropFirst()
          result.append(next == "1" ? "/" : "~")
        } else {
          result.append(character)
        }
      }
      return result
    }
  }

  private static func refused(_ operation: JSONValue, _ why: String) -> APIError {
    APIError(
      code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request",
      details: [:])
  }

  private static func value(_ target: JSONValue, _ path: [String], _ operation: JSONValue) throws(APIError) -> JSONValue
  {
    var value = target
    for part in path {
      switch value {
      case .object(let members):
        guard let member = members[part] else { throw refused(operation, "missing path") }
        value = member
      case .array(let elements):
        guard let index = Int(part), elements.indices.contains(index) else { throw refused(operation, "invalid index") }
        value = elements[index]
      default: throw refused(operation, "missing path")
      }
    }
    return value
  }

  private static func edit(
    _ target: JSONValue, _ path: [String], _ operation: JSONValue, _ change: (JSONValue?) -> JSONValue?
  ) throws(APIError) -> JSONValue {
    guard let first = path.first else { return change(target) ?? .null }
    let rest = Array(path.dropFirst())
    let isAddition = operation["op"]?.string == "add"
    switch target {
    case .object(var members):
      if rest.isEmpty {
        guard isAddition || members[first] != nil else { throw refused(operation, "missing member") }
        members[first] = change(members[first])
      } else {
        guard let child = members[first] else { throw refused(operation, "missing path") }
        members[first] = try edit(child, rest, operation, change)
      }
      return .object(members)
    case .array(var elements):
      if rest.isEmpty, isAddition {
        guard let index = first == "-" ? elements.count : Int(first), index >= 0, index <= elements.count else {
          throw refused(operation, "invalid index")
        }
        if let value = change(nil) { elements.insert(value, at: index) }
        return .array(elements)
      }
      guard let index = Int(first), elements.indices.contains(index) else { throw refused(operation, "invalid index") }
      if rest.isEmpty {
        if let value = change(elements[index]) { elements[index] = value } else { elements.remove(at: index) }
      } else {
        elements[index] = try edit(elements[index], rest, operation, change)
      }
      return .array(elements)
    default: throw refused(operation, "missing path")
    }
  }
}
