import FlyingFox
import FlyingSocks
import FoundationEssentials
public import Kubernetes

/// A simulated Kubernetes API server: plain HTTP on a port of 127.0.0.1. TLS comes from a front.
public final class KubernetesServer: Sendable {
  /// The port on 127.0.0.1.
  public let port: UInt16
  /// What it was asked.
  public let log: RequestLog

  let cluster: KubernetesCluster
  private let faults: FaultList
  private let server: HTTPServer
  private let tasks: [Task<Void, Never>]

  /// `http://127.0.0.1:PORT`.
  public var url: String { "http://127.0.0.1:\(port)" }

  private init(
    port: UInt16, log: RequestLog, cluster: KubernetesCluster, faults: FaultList, server: HTTPServer,
    tasks: [Task<Void, Never>]
  ) {
    self.port = port
    self.log = log
    self.cluster = cluster
    self.faults = faults
    self.server = server
    self.tasks = tasks
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
    let server = HTTPServer(
      config: .init(
        address: try .inet(ip4: "127.0.0.1", port: 0), timeout: 86_400, sharedRequestReplaySize: 64 << 20,
        logger: .disabled),
      handler: handler)
    let running = Task {
      do {
        try await server.run()
      } catch {
        // Stopped: the listening socket was closed.
      }
    }
    let controllers = Task { await cluster.runControllers() }
    try await server.waitUntilListening()
    guard case .ip4(_, let port)? = await server.listeningAddress else {
      running.cancel()
      controllers.cancel()
      throw SocketError.unsupportedAddress
    }
    return KubernetesServer(
      port: port, log: log, cluster: cluster, faults: faults, server: server, tasks: [running, controllers])
  }

  /// Ends all watches and connections, and stops listening.
  public func stop() async {
    await cluster.endWatches()
    for task in tasks { task.cancel() }
    await server.stop()
    for task in tasks { await task.value }
  }

  // MARK: For tests

  /// An object as it is stored, without going through the API: `object("deployments.apps", namespace: "a", name: "b")`.
  public func object(_ resource: String, namespace: String = "", name: String) async -> Kubernetes.JSONValue? {
    await cluster.find(resource, namespace, name)
  }

  /// All objects of a resource, of one namespace or of all.
  public func objects(_ resource: String, namespace: String = "") async -> [Kubernetes.JSONValue] {
    await cluster.all(resource, in: namespace)
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
  public func put(_ object: Kubernetes.JSONValue) async throws { try await cluster.seedObject(object) }
}

extension KubernetesServer {
  /// Applies an object as that field manager; conflicts are forced.
  func apply(_ object: Kubernetes.JSONValue, manager: String) async throws {
    try await cluster.applyForced(object, manager: manager)
  }

  /// Deletes an object as `kubectl delete` does; an absent one is fine.
  public func remove(_ resource: String, namespace: String = "", name: String) async {
    await cluster.remove(resource, namespace: namespace, name: name)
  }
}

/// Between the HTTP library's types and the cluster's.
private struct ServerHandler: HTTPHandler {
  var cluster: KubernetesCluster
  var log: RequestLog
  var faults: FaultList
  var trustsFront: Bool
  var time: SimulatedTime

  func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    var headers: [String: String] = [:]
    for name in request.headers.keys { headers[name.rawValue.lowercased()] = request.headers[name] }
    let asked = APIRequest(
      method: request.method.rawValue, path: request.target.path(), rawQuery: request.target.query(), headers: headers,
      body: [UInt8](try await request.bodyData))
    let address = headers["host"] ?? "127.0.0.1"

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
      return HTTPResponse(webSocket: ClosingHandler())
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

  private func logged(_ asked: APIRequest, _ answer: APIResponse, isTruncated: Bool = false) -> HTTPResponse {
    log.append(.init(method: asked.method, target: asked.target, user: answer.user, status: answer.status))
    var headers = HTTPHeaders()
    for (name, value) in answer.headers { headers.addValue(value, for: HTTPHeader(name)) }
    // A Go server always tells the time.
    headers.addValue(Timestamp.http(time.now()), for: HTTPHeader("Date"))
    let status = HTTPStatusCode(answer.status, phrase: Self.phrases[answer.status] ?? "Status")
    switch answer.body {
    case .bytes(let bytes) where isTruncated:
      let half = ChunkSequence.broken(Array(bytes.prefix(bytes.count / 2)))
      return HTTPResponse(
        statusCode: status, headers: headers, body: HTTPBodySequence(from: half, count: max(1, bytes.count)))
    case .bytes(let bytes):
      return HTTPResponse(
        statusCode: status, headers: headers, body: HTTPBodySequence(data: Data(bytes), suggestedBufferSize: 65_536))
    case .stream(let stream):
      return HTTPResponse(statusCode: status, headers: headers, body: HTTPBodySequence(from: ChunkSequence(stream)))
    }
  }

  private static let phrases = [
    200: "OK", 201: "Created", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 409: "Conflict", 410: "Gone", 415: "Unsupported Media Type", 422: "Unprocessable Entity",
    429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Gateway Timeout",
  ]
}

/// Refuses before the head of the answer is written, which closes the connection.
private struct ClosingHandler: WSHandler {
  func makeFrames(for client: AsyncThrowingStream<WSFrame, any Error>) async throws -> AsyncStream<WSFrame> {
    throw SocketError.disconnected
  }
}

/// Chunks of bytes as a body that is sent while it is made.
private struct ChunkSequence: AsyncBufferedSequence {
  typealias Element = UInt8
  private let stream: AsyncThrowingStream<[UInt8], any Error>

  init(_ chunks: AsyncStream<[UInt8]>) {
    let (stream, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
    let task = Task {
      for await chunk in chunks { continuation.yield(chunk) }
      continuation.finish()
    }
    continuation.onTermination = { _ in task.cancel() }
    self.stream = stream
  }

  private init(stream: AsyncThrowingStream<[UInt8], any Error>) { self.stream = stream }

  /// Those bytes, and then an error, which closes the connection.
  static func broken(_ bytes: [UInt8]) -> ChunkSequence {
    ChunkSequence(
      stream: AsyncThrowingStream { continuation in
        continuation.yield(bytes)
        continuation.finish(throwing: SocketError.disconnected)
      })
  }

  func makeAsyncIterator() -> Iterator { Iterator(chunks: stream.makeAsyncIterator()) }

  struct Iterator: AsyncBufferedIteratorProtocol {
    var chunks: AsyncThrowingStream<[UInt8], any Error>.Iterator

    mutating func next() async throws -> UInt8? { nil }

    mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
      try await chunks.next(isolation: #isolation)
    }
  }
}
