import CustomDump
import Foundation
import HTTP
import Kubernetes
import OrderedCollections
import Testing

@testable import Simulator

@Suite("Every recorded exchange with a kube-apiserver 1.24 is answered as it was")
struct RecordingTests {
  @Test("Played in order against a cluster like the recorded one, each answer is the recorded one")
  func playsAll() async throws {
    let folder = kubernetesFixtures.appending(path: "recordings/1.24")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".json") }
      .sorted()
    #expect(names.count == 77)
    try await withCluster(.recorded) { client in
      try await makeNodes(
        of: JSONText.parse(Array(try Data(contentsOf: folder.appending(path: "19-nodes.json")))), client)
      var tokens: [String: String] = [:]
      for name in names {
        let recording = try JSONText.parse(Array(try Data(contentsOf: folder.appending(path: name))))
        try await play(recording, name: name, client: client, tokens: &tokens)
      }
    }
  }

  /// The recorded nodes, made as they were: each created, and then its status written.
  private func makeNodes(of recording: JSONValue, _ client: TestClient) async throws {
    for var node in recording.value(at: ["response", "json", "items"])?.array ?? [] {
      for field in ["uid", "resourceVersion", "creationTimestamp", "managedFields"] {
        node.set(nil, at: "metadata", field)
      }
      #expect(try await client.send("POST", "/api/v1/nodes", node).status == 201)
      #expect(try await client.send("PUT", "/api/v1/nodes/\(node.name)/status", node).status == 200)
    }
  }

  private func play(
    _ recording: JSONValue, name: String, client: TestClient, tokens: inout [String: String]
  ) async throws {
    let request = try #require(recording["request"])
    let expected = try #require(recording["response"])
    var headers = request["headers"]?.texts ?? [:]
    let hasToken = headers.removeValue(forKey: "Authorization") != nil
    let isViewer = ["18-", "28-", "52-", "54-"].contains { name.hasPrefix($0) }
    let token = !hasToken ? nil : name.hasPrefix("16-") ? "wrong" : isViewer ? "viewer-token" : "admin-token"
    let type = headers.removeValue(forKey: "Content-Type") ?? "application/json"
    var path = request["path"]?.string ?? ""
    // A continue token is the server's own.
    for (recorded, ours) in tokens { path = path.replacingOccurrences(of: recorded, with: ours) }
    let body = request["body"].flatMap { $0 == .null ? nil : $0 }
    let method = request["method"]?.string ?? ""

    let wanted = Normal.form(expected)
    var found: JSONValue = .null
    var answer: TestClient.Answer?
    // What controllers do takes a moment.
    let limit = ContinuousClock.now + .seconds(method == "GET" ? 3 : 0)
    repeat {
      let got = try await client.as(token).send(
        method, path, body?.string == nil ? body : nil, type: type, headers: headers, text: body?.string)
      answer = got
      var actual: JSONValue = ["status": .integer(got.status)]
      if expected["json"] != nil { actual["json"] = got.json }
      if expected["text"] != nil { actual["text"] = .string(got.text) }
      if expected["lines"] != nil {
        actual["lines"] = .array(try got.text.split(separator: "\n").map { try JSONText.parse(Array($0.utf8)) })
      }
      found = Normal.form(actual)
      if found == wanted { break }
      try await Task.sleep(for: .milliseconds(50))
    } while ContinuousClock.now < limit

    expectNoDifference(Normal.lines(found), Normal.lines(wanted), "\(name)")
    let sent = try #require(answer)
    for header in ["Content-Type", "Cache-Control", "X-Content-Type-Options"] {
      #expect(sent.headers[header] == expected["headers"]?[header]?.string, "\(name): \(header)")
    }
    if let warning = expected["headers"]?["Warning"]?.string {
      let warnings = Normal.text(sent.headers.values("Warning").joined(separator: "\n"))
      #expect(warnings.contains(Normal.text(warning)), "\(name): \(warnings)")
    }
    if let recorded = expected["json"]?["metadata"]?["continue"]?.string {
      tokens[recorded] = sent.json["metadata"]?["continue"]?.string ?? "none"
    }
  }
}

/// A value with everything taken out that differs from one run to the next.
enum Normal {
  private static let wild: Set<String> = [
    "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "time", "lastTransitionTime", "lastUpdateTime",
    "lastHeartbeatTime", "firstTimestamp", "lastTimestamp", "eventTime", "expirationTimestamp", "token", "ca.crt",
    "serverAddress", "continue", "nodeName", "reportingInstance", "kubernetes.io/service-account.uid",
    "pod-template-hash",
  ]

  static func form(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members):
      var result = OrderedDictionary<String, JSONValue>()
      for (key, member) in members.sorted(by: { text($0.key) < text($1.key) }) {
        if key == "headers" { continue }
        if wild.contains(key), member != .null {
          result[key] = .string("*")
        } else {
          result[text(key)] = form(member)
        }
      }
      return .object(result)
    case .array(let elements):
      let forms = elements.map(form)
      let isUnordered = forms.contains {
        $0["fieldsType"] != nil || $0["apiGroups"] != nil || $0["nonResourceURLs"] != nil || $0["involvedObject"] != nil
          // A list from the cache has no order.
          || $0["spec"]?["providerID"] != nil
      }
      return .array(isUnordered ? forms.sorted { JSONText.string($0) < JSONText.string($1) } : forms)
    case .string(let text): return .string(self.text(text))
    default: return value
    }
  }

  /// A text without its random parts.
  static func text(_ text: String) -> String {
    var result = text
    result = result.replacing(
      #/controller-[bcdfghjklmnpqrstvwxz0-9]{7,10}-[bcdfghjklmnpqrstvwxz2-9]{5}/#, with: "controller-HASH-NAME")
    result = result.replacing(#/controller-[bcdfghjklmnpqrstvwxz0-9]{7,10}/#, with: "controller-HASH")
    result = result.replacing(#/\.[0-9a-f]{13,17}$/#, with: ".TIME")
    result = result.replacing(#/kube-api-access-[a-z0-9]{5}/#, with: "kube-api-access-NAME")
    result = result.replacing(#/"uid":"[-0-9a-f]+"/#, with: "UID")
    result = result.replacing(#/ to n0000[0-9]/#, with: " to NODE")
    return result
  }

  /// One line a leaf, so that a difference is readable.
  static func lines(_ value: JSONValue, _ path: String = "") -> [String] {
    switch value {
    case .object(let members) where !members.isEmpty: members.flatMap { lines($0.value, "\(path).\($0.key)") }
    case .array(let elements) where !elements.isEmpty:
      elements.enumerated().flatMap { lines($0.element, "\(path)[\($0.offset)]") }
    default: ["\(path) = \(JSONText.string(value))"]
    }
  }
}

extension ClusterScenario {
  /// The recorded cluster, without its nodes: nothing runs, there is no ingress controller and no storage class.
  static let recorded = ClusterScenario(
    name: "recorded", version: ClusterVersion(minor: 24, vendorSuffix: "+0"),
    behaviour: ClusterBehaviour(pace: .milliseconds(20), hasKubelets: false, namespaceRemoval: .seconds(60)))
}
