import Foundation
import HTTP
import Kubernetes

@testable import Simulator

/// Speaks to a simulated server as a user.
struct TestClient: Sendable {
  let server: KubernetesServer
  let client: HTTPClient
  var token: String? = "admin-token"

  struct Answer {
    var status: Int
    var headers: HTTPHeaders
    var text: String
    var json: JSONValue
  }

  func send(
    _ method: String, _ path: String, _ body: JSONValue? = nil, type: String = "application/json",
    headers: [String: String] = [:], text: String? = nil
  ) async throws -> Answer {
    var fields: HTTPHeaders = ["Accept": "application/json"]
    if let token { fields["Authorization"] = "Bearer \(token)" }
    if body != nil || text != nil { fields["Content-Type"] = type }
    for (name, value) in headers { fields[name] = value }
    let bytes = text.map { Array($0.utf8) } ?? body.map(JSONText.format)
    let response = try await client.send(
      HTTPRequest(method: method, url: server.url + path, headers: fields, body: bytes, proxy: .none))
    let json = (try? JSONText.parse(response.body)) ?? .null
    return Answer(
      status: response.status, headers: response.headers, text: String(decoding: response.body, as: UTF8.self),
      json: json)
  }

  func apply(_ body: JSONValue, _ path: String, manager: String, force: Bool = false) async throws -> Answer {
    try await send(
      "PATCH", "\(path)?fieldManager=\(manager)\(force ? "&force=true" : "")", body,
      type: "application/apply-patch+yaml")
  }

  func stream(_ path: String) async throws -> HTTPStream {
    var fields: HTTPHeaders = ["Accept": "application/json"]
    if let token { fields["Authorization"] = "Bearer \(token)" }
    return try await client.stream(HTTPRequest(url: server.url + path, headers: fields, deadline: nil, proxy: .none))
  }

  func `as`(_ token: String?) -> TestClient {
    var copy = self
    copy.token = token
    return copy
  }
}

/// Runs a test against a server of its own, which is stopped afterwards.
func withCluster<Result>(
  _ scenario: ClusterScenario, trustsFront: Bool = false, _ body: (TestClient) async throws -> Result
) async throws -> Result {
  let server = try await KubernetesServer.start(scenario, trustsFront: trustsFront)
  let client = HTTPClient(configuration: .init(userAgent: "", environment: [:]))
  do {
    let result = try await body(TestClient(server: server, client: client))
    client.close()
    await server.stop()
    return result
  } catch {
    client.close()
    await server.stop()
    throw error
  }
}

/// The fixtures of the simulated API server's tests.
let kubernetesFixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appending(path: "Fixtures/Kubernetes")
