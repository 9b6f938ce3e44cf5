public import Kubernetes

/// A simulated Kubernetes API server: plain HTTP on a port of 127.0.0.1. TLS comes from a front.
public final class KubernetesServer: Sendable {
  /// The port on 127.0.0.1.
  public let port: UInt16
  /// What it was asked.
  public let log: RequestLog

  let cluster: KubernetesCluster
  private let faults: FaultList
  private let listener: LoopbackListener
  private let controllers: Task<Void, Never>

  /// `http://127.0.0.1:PORT`.
  public var url: String { "http://127.0.0.1:\(port)" }

  private init(
    port: UInt16, log: RequestLog, cluster: KubernetesCluster, faults: FaultList, listener: LoopbackListener,
    controllers: Task<Void, Never>
  ) {
    self.port = port
    self.log = log
    self.cluster = cluster
    self.faults = faults
    self.listener = listener
    self.controllers = controllers
  }

  /// Starts a server over a cluster as the scenario describes it; returns once it listens.
  /// - Parameters:
  ///   - trustsFront: Whether `X-Remote-User` and `X-Remote-Group` name the user. Only for a server that nothing but
  ///     its front can reach.
  ///   - withoutCredentials: Whom a request without credentials is taken to come from. kubectl and Helm send theirs
  ///     over TLS alone; on plain HTTP they are this user.
  ///   - time: What the cluster takes for the time; tests may hold it still.
  public static func start(
    _ scenario: ClusterScenario = .healthy, trustsFront: Bool = false,
    withoutCredentials: SimulatedUser? = nil, time: SimulatedTime = .real
  ) async throws -> KubernetesServer {
    let cluster = KubernetesCluster(
      discovery: Discovery(version: scenario.version, openShift: scenario.openShift),
      behaviour: scenario.behaviour, users: scenario.users, withoutCredentials: withoutCredentials ?? .anonymous,
      time: time, seed: scenario.seed)
    try await cluster.seed(scenario)
    let log = RequestLog()
    let faults = FaultList(scenario.faults)
    let handler = ServerHandler(cluster: cluster, log: log, faults: faults, trustsFront: trustsFront, time: time)
    let listener = LoopbackListener()
    let port = try await listener.start { try await handler.answer($0) }
    let controllers = Task { await cluster.runControllers() }
    return KubernetesServer(
      port: port, log: log, cluster: cluster, faults: faults, listener: listener, controllers: controllers)
  }

  /// Ends all watches and connections, and stops listening.
  public func stop() async {
    await cluster.endWatches()
    controllers.cancel()
    await listener.stop()
    await controllers.value
  }

  // MARK: For tests

  /// An object as it is stored, without going through the API: `object("deployments.apps", namespace: "a", name: "b")`.
  public func object(_ resource: String, namespace: String = "", name: String) async -> JSONValue? {
    await cluster.find(resource, namespace, name)
  }

  /// All objects of a resource, of one namespace or of all.
  public func objects(_ resource: String, namespace: String = "") async -> [JSONValue] {
    await cluster.all(resource, in: namespace)
  }

  /// Every object there is, as it is stored, by `secrets/NAMESPACE/NAME`.
  public var contents: [String: JSONValue] {
    get async {
      var contents: [String: JSONValue] = [:]
      for resource in await cluster.resourceNames {
        for (key, object) in await cluster.keyed(resource) { contents["\(resource)/\(key)"] = object }
      }
      return contents
    }
  }

  /// Shows a fault from now on.
  public func add(_ fault: Fault) { faults.append(fault) }

  /// Shows no more faults.
  public func clearFaults() { faults.clear() }

  /// Forgets the history: older watches and continue tokens are answered with 410.
  public func compact() async { await cluster.compact() }

  /// How many watches are open.
  public var openWatches: Int { get async { await cluster.watcherCount } }

  /// Creates or replaces an object without a user, as a cluster's owner would.
  public func put(_ object: JSONValue) async throws { try await cluster.seedObject(object) }
}

extension KubernetesServer {
  /// Applies an object as that field manager; conflicts are forced.
  func apply(_ object: JSONValue, manager: String) async throws {
    try await cluster.applyForced(object, manager: manager)
  }

  /// Deletes an object as `kubectl delete` does; an absent one is fine.
  public func remove(_ resource: String, namespace: String = "", name: String) async {
    await cluster.remove(resource, namespace: namespace, name: name)
  }
}

/// Between the listener and the cluster.
private struct ServerHandler {
  var cluster: KubernetesCluster
  var log: RequestLog
  var faults: FaultList
  var trustsFront: Bool
  var time: SimulatedTime

  func answer(_ request: LoopbackRequest) async throws -> LoopbackAnswer? {
    let asked = APIRequest(
      method: request.method, path: request.path, rawQuery: request.rawQuery, headers: request.headers,
      body: request.body)
    let address = request.header("host") ?? "127.0.0.1"

    let effect = faults.take(method: asked.method, path: asked.path)
    switch effect {
    case .delay(let duration): try await time.sleep(duration)
    case .status(let code, let retryAfter):
      return logged(asked, .error(Self.refusal(code, retryAfter)))
    case .htmlPage(let status):
      let page = "<!DOCTYPE html>\n<html><head><title>Gateway</title></head><body><h1>Proxy error</h1></body></html>\n"
      return logged(
        asked, APIResponse(status: status, headers: [("Content-Type", "text/html")], body: .bytes(Array(page.utf8))))
    case .connectionClosed:
      log.append(.init(method: asked.method, target: asked.target, user: "", status: 0))
      return nil
    case .truncatedBody, nil: break
    }
    let answer = await cluster.respond(to: asked, trustsFront: trustsFront, address: address)
    return logged(asked, answer, isTruncated: effect == .truncatedBody)
  }

  private static func refusal(_ code: Int, _ retryAfter: Int?) -> APIError {
    let known: [Int: (String, String)] = [
      401: ("Unauthorized", "Unauthorized"), 403: ("Forbidden", "forbidden"),
      429: ("TooManyRequests", "Too many requests, please try again later."),
      500: ("InternalError", "Internal error occurred: simulated"),
      503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
      504: ("Timeout", "Timeout: request did not complete within the allotted timeout"),
    ]
    let (reason, message) = known[code] ?? ("", "simulated fault")
    return APIError(code: code, reason: reason, message: message, retryAfter: retryAfter)
  }

  private func logged(_ asked: APIRequest, _ answer: APIResponse, isTruncated: Bool = false) -> LoopbackAnswer {
    log.append(.init(method: asked.method, target: asked.target, user: answer.user, status: answer.status))
    let body: LoopbackAnswer.Body =
      switch answer.body {
      case .bytes(let bytes): isTruncated ? .cut(bytes) : .bytes(bytes)
      case .stream(let stream): .stream(stream)
      }
    // A Go server always tells the time.
    return LoopbackAnswer(
      status: answer.status, headers: answer.headers + [("Date", Timestamp.http(time.now()))], body: body)
  }
}
