import HTTP

extension KubernetesClient {
  /// When whoever waits for the answers of this task gives up; nil: never. No pause that a server asks for reaches
  /// beyond it: then the server's refusal is told, and not that there was no answer.
  @TaskLocal public static var patience: ContinuousClock.Instant?

  /// Makes a request and decodes its answer, which must be an object of the API.
  public func object<Object: Decodable & Sendable>(
    _ request: KubernetesRequest
  ) async throws(KubernetesError) -> Answer<Object> {
    let answer = try await send(request)
    return try reader(request).decode(APIObject<Object>.self, answer).map { $0.object }
  }

  /// Makes a request; an answer that is no success is an error.
  public func send(_ request: KubernetesRequest) async throws(KubernetesError) -> Answer<[UInt8]> {
    let transport = transport
    let reply = try await exchange(request) { Reply(response: try await transport.send($0)) }
    return try reader(request).read(reply.response)
  }

  /// Makes a request by that way of sending, again where `exchange` does; the answer may be an error's.
  func response(
    to request: KubernetesRequest, _ send: (HTTPRequest) async throws -> HTTPResponse
  ) async throws(KubernetesError) -> HTTPResponse {
    try await exchange(request) { Reply(response: try await send($0)) }.response
  }

  /// Makes a request whose answer is read while it arrives; an answer that is no success is an error.
  func stream(_ request: KubernetesRequest) async throws(KubernetesError) -> HTTPStream {
    let transport = transport
    let reply = try await exchange(request) { http in
      let stream = try await transport.stream(http)
      let head = HTTPResponse(status: stream.status, headers: stream.headers)
      if (200..<300).contains(stream.status) { return Reply(response: head, stream: stream) }
      var response = head
      for try await chunk in stream.body {
        response.body += chunk
        if response.body.count >= 1 << 20 { break }
      }
      return Reply(response: response)
    }
    guard let stream = reply.stream else {
      let answer = try reader(request).read(reply.response)
      throw KubernetesError(.notKubernetes, "cannot \(request.phrase)", httpStatus: answer.metadata.status)
    }
    return stream
  }

  /// Time as the client was given it.
  func now() -> Duration { time.now() }

  /// Waits; throws where the task is cancelled.
  func pause(_ duration: Duration) async throws { try await time.sleep(duration) }

  func reader(_ request: KubernetesRequest) -> ResponseReader {
    ResponseReader(request: request, connection: connection)
  }

  private struct Reply {
    var response: HTTPResponse
    var stream: HTTPStream?
  }

  /// Sends until there is an answer to keep: after a 401 once with a new credential, after a broken connection once (GET
  /// alone), and while the server asks to come back later, up to ten times and within the deadline.
  private func exchange(
    _ request: KubernetesRequest, _ perform: (HTTPRequest) async throws -> Reply
  ) async throws(KubernetesError) -> Reply {
    var begin = time.now()
    var retries = 0
    var isReconnected = false
    var isRefreshed = false
    while true {
      // A login may wait for a person; that is no time of the server's.
      let login = time.now()
      let authorization = try await authorization(request)
      begin += time.now() - login
      let left = request.deadline.map { $0 - (time.now() - begin) }
      if let left, left <= .zero { throw outOfTime(request) }
      let http = request.httpRequest(connection: connection, authorization: authorization, deadline: left)
      let reply: Reply
      do {
        reply = try await perform(http)
      } catch {
        if request.method == "GET", !isReconnected, !Task.isCancelled, Self.isBroken(error) {
          isReconnected = true
          continue
        }
        throw KubernetesError(error, request, connection)
      }
      if reply.response.status == 401, !isRefreshed, await credentials.refused(authorization) {
        isRefreshed = true
        continue
      }
      guard retries < Self.maximumRetries, let wait = Self.delay(reply.response) else { return reply }
      if let deadline = request.deadline, time.now() - begin + wait >= deadline { return reply }
      if let patience = Self.patience, .now + wait >= patience { return reply }
      retries += 1
      do {
        try await time.sleep(wait)
      } catch {
        throw KubernetesError(CancellationError(), request, connection)
      }
    }
  }

  private func authorization(_ request: KubernetesRequest) async throws(KubernetesError) -> Authorization {
    do {
      return try await credentials.authorization()
    } catch {
      throw KubernetesError(error, request)
    }
  }

  private func outOfTime(_ request: KubernetesRequest) -> KubernetesError {
    KubernetesError(
      .timeout, "cannot \(request.phrase): no answer within \(request.deadline?.components.seconds ?? 0) s",
      nextStep: "Try again in a while")
  }

  private static func isBroken(_ error: any Error) -> Bool {
    guard let code = (error as? HTTPError)?.code else { return false }
    return code == .connectionFailed || code == .protocolFailed
  }

  /// How long the server asks to wait: 429 or 5xx with Retry-After in seconds.
  static func delay(_ response: HTTPResponse) -> Duration? {
    guard response.status == 429 || (500..<600).contains(response.status),
      let seconds = response.headers["Retry-After"].flatMap({ Int($0) }), (0...86_400).contains(seconds)
    else { return nil }
    return .seconds(seconds)
  }
}
