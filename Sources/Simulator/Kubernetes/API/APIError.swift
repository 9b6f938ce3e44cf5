import Kubernetes
import OrderedCollections

/// A refusal as an API server gives it: a `Status` object with its HTTP status.
struct APIError: Error, Equatable {
  /// One field or manager that was wrong.
  struct Cause: Equatable {
    var reason: String
    var message: String
    var field: String
  }

  var code: Int
  var reason: String
  var message: String
  /// Nil leaves `details` out; most errors have it, if empty.
  var details: JSONValue?
  /// Seconds for the `Retry-After` header.
  var retryAfter: Int?
  /// Whether the filter in front of the handlers answered, which adds `X-Content-Type-Options`.
  var isFromFilter = false

  /// The `Status` object.
  var status: JSONValue {
    var status: JSONValue = [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
      "reason": .string(reason),
    ]
    status["details"] = details
    status["code"] = .integer(code)
    return status
  }

  static func details(name: String? = nil, group: String = "", kind: String, causes: [Cause] = []) -> JSONValue {
    var details: JSONValue = [:]
    if let name, !name.isEmpty { details["name"] = .string(name) }
    if !group.isEmpty { details["group"] = .string(group) }
    details["kind"] = .string(kind)
    if !causes.isEmpty {
      details["causes"] = .array(
        causes.map { cause in
          var value: JSONValue = ["reason": .string(cause.reason), "message": .string(cause.message)]
          if !cause.field.isEmpty { value["field"] = .string(cause.field) }
          return value
        })
    }
    return details
  }

  static func notFound(_ type: ResourceType, _ name: String) -> APIError {
    APIError(
      code: 404, reason: "NotFound", message: "\(type.qualifiedName) \"\(name)\" not found",
      details: details(name: name, group: type.group, kind: type.name))
  }

  static let unknownResource = APIError(
    code: 404, reason: "NotFound", message: "the server could not find the requested resource", details: [:])

  static func alreadyExists(_ type: ResourceType, _ name: String) -> APIError {
    APIError(
      code: 409, reason: "AlreadyExists", message: "\(type.qualifiedName) \"\(name)\" already exists",
      details: details(name: name, group: type.group, kind: type.name))
  }

  static func conflict(_ type: ResourceType, _ name: String, _ why: String) -> APIError {
    APIError(
      code: 409, reason: "Conflict",
      message: "Operation cannot be fulfilled on \(type.qualifiedName) \"\(name)\": \(why)",
      details: details(name: name, group: type.group, kind: type.name))
  }

  static let modifiedSince =
    "the object has been modified; please apply your changes to the latest version and try again"

  static func badRequest(_ message: String) -> APIError {
    APIError(code: 400, reason: "BadRequest", message: message)
  }

  static func invalid(kind: String, group: String, name: String, _ causes: [Cause]) -> APIError {
    let texts = causes.map { $0.field.isEmpty ? $0.message : "\($0.field): \($0.message)" }
    let joined = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
    let qualified = group.isEmpty ? kind : "\(kind).\(group)"
    return APIError(
      code: 422, reason: "Invalid", message: "\(qualified) \"\(name)\" is invalid: \(joined)",
      details: details(name: name, group: group, kind: kind, causes: causes))
  }

  static func forbidden(_ type: ResourceType, _ name: String, _ why: String, causes: [Cause] = []) -> APIError {
    let subject = name.isEmpty ? "\(type.qualifiedName) is forbidden" : "\(type.qualifiedName) \"\(name)\" is forbidden"
    return APIError(
      code: 403, reason: "Forbidden", message: "\(subject): \(why)",
      details: details(name: name, group: type.group, kind: type.name, causes: causes))
  }

  static let unauthorized = APIError(code: 401, reason: "Unauthorized", message: "Unauthorized")
  static let methodNotAllowed = APIError(
    code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource",
    details: [:])
  static let unsupportedMediaType = APIError(
    code: 415, reason: "UnsupportedMediaType", message: "415: Unsupported Media Type", details: [:])

  static func expired(_ message: String) -> APIError { APIError(code: 410, reason: "Expired", message: message) }
}
