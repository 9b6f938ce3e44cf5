import FoundationEssentials
import HTTP
import Kubernetes
import Synchronization
import TestSupport
import Testing

/// A Kubernetes API of a few objects by path: reads, lists, applies and deletes them, and remembers what it was asked.
final class ScriptedCluster: HTTPTransport {
  typealias Override = @Sendable (HTTPRequest) throws -> HTTPResponse?

  private struct State {
    var objects: [String: JSONValue] = [:]
    var requests: [HTTPRequest] = []
  }

  private let state: Mutex<State>
  private let override: Override
  private let others: any HTTPTransport

  /// A cluster with these objects (path to JSON); `override` answers first, and `others` answers for other hosts.
  init(
    _ objects: [String: String] = [:], others: any HTTPTransport = NoTransport(),
    override: @escaping Override = { _ in nil }
  ) throws {
    state = Mutex(
      State(objects: try objects.mapValues { try JSONDecoder().decode(JSONValue.self, from: Data($0.utf8)) }))
    self.override = override
    self.others = others
  }

  /// All requests so far.
  var requests: [HTTPRequest] { state.withLock { $0.requests } }
  /// `METHOD PATH` of each request that writes.
  var writes: [String] { requests.filter { $0.method != "GET" }.map { "\($0.method) \(Self.target($0))" } }
  /// The requests that write, with their bodies.
  var writeBodies: [String] {
    requests.filter { $0.method != "GET" }.map { String(decoding: $0.body ?? [], as: UTF8.self) }
  }

  /// An object as it is now.
  func object(_ path: String) -> JSONValue? { state.withLock { $0.objects[path] } }
  /// Puts an object there.
  func put(_ path: String, _ json: String) throws {
    let value = try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
    state.withLock { $0.objects[path] = value }
  }

  private static func target(_ request: HTTPRequest) -> String { String(request.url.dropFirst(Samples.server.count)) }

  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard request.url.hasPrefix(Samples.server) else { return try await others.send(request) }
    state.withLock { $0.requests.append(request) }
    if let response = try override(request) { return response }
    let target = Self.target(request)
    let path = String(target.prefix { $0 != "?" })
    switch request.method {
    case "GET" where path == "/version": return .json(200, #"{"major":"1","minor":"29","gitVersion":"v1.29.4"}"#)
    case "GET" where path == "/apis" && object(path) == nil: return .json(200, #"{"kind":"APIGroupList","groups":[]}"#)
    case "GET":
      if let object = self.object(path) { return try .json(200, object) }
      let isCollection = Self.collections.contains { path.hasSuffix("/" + $0) }
      guard isCollection else { return .missing(path) }
      return try .json(200, ["kind": "List", "metadata": [:], "items": .array(items(path, target))])
    case "PATCH":
      let object = try JSONDecoder().decode(JSONValue.self, from: Data(request.body ?? []))
      state.withLock { $0.objects[path] = object }
      return try .json(200, object)
    case "DELETE":
      state.withLock { $0.objects[path] = nil }
      return .json(200, #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success"}"#)
    case "POST":
      return .json(201, #"{"kind":"SelfSubjectAccessReview","spec":{},"status":{"allowed":true}}"#)
    default: return .text(405)
    }
  }

  private static let collections = [
    "nodes", "ingresses", "ingressclasses", "secrets", "configmaps", "pods", "events", "deployments", "daemonsets",
    "namespaces", "serviceaccounts", "roles", "rolebindings", "services", "poddisruptionbudgets",
    "horizontalpodautoscalers", "statefulsets", "cronjobs", "jobs", "persistentvolumeclaims",
  ]

  /// The objects of a collection, those with the labels that the query wants.
  private func items(_ path: String, _ target: String) -> [JSONValue] {
    let wanted: [String] =
      target.components("labelSelector=").dropFirst().first.map { query in
        String(query.prefix { $0 != "&" }).components("%2F").joined(separator: "/").components("%2C")
          .map { $0.components("%3D").joined(separator: "=") }
      } ?? []
    return state.withLock { state in
      state.objects.filter { $0.key.hasPrefix(path + "/") && !$0.key.dropFirst(path.count + 1).contains("/") }
        .sorted { $0.key < $1.key }.map(\.value)
        .filter { value in
          return wanted.allSatisfy { pair in
            let halves = pair.components("=")
            let label = value["metadata"]?["labels"]?[halves[0]]
            // Sets are not read.
            return halves.count == 2 ? label == .string(halves[1]) : pair.contains("%") || label != nil
          }
        }
    }
  }

  func stream(_ request: HTTPRequest) async throws -> HTTPStream {
    throw HTTPError(code: .protocolFailed, message: "the script has no stream", url: request.url)
  }
}

extension HTTPResponse {
  static func json(_ status: Int, _ text: String) -> HTTPResponse {
    .text(status, text, headers: ["Content-Type": "application/json"])
  }

  static func json(_ status: Int, _ value: JSONValue) throws -> HTTPResponse {
    .json(status, String(decoding: try JSONEncoder().encode(value), as: UTF8.self))
  }

  /// As an API server answers where there is no such object.
  static func missing(_ path: String) -> HTTPResponse {
    status(404, "NotFound", "\(path) not found")
  }

  /// As an API server refuses.
  static func status(_ code: Int, _ reason: String, _ message: String) -> HTTPResponse {
    .json(
      code,
      #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"\#(message)","reason":"\#(reason)","code":\#(code)}"#
    )
  }
}

extension String {
  /// The parts between occurrences of a separator.
  func components(_ separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}
