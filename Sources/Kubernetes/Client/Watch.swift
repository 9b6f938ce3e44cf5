import HTTP

/// What a watch reports (meta/v1 WatchEvent). Errors are thrown instead.
public enum WatchEvent<Object: Sendable>: Sendable {
  case added(Object)
  case modified(Object)
  case deleted(Object)
  /// Nothing happened; the watch has come as far as this version.
  case bookmark(resourceVersion: String)
}

extension WatchEvent: Equatable where Object: Equatable {}

/// What `KubernetesClient.follow` reports.
public enum FollowedChange<Object: Sendable>: Sendable {
  /// All objects there are; what is not among them is gone. Comes first, and again whenever events may have been missed.
  case all([Object])
  /// One object is new or changed.
  case changed(Object)
  /// One object is gone; its last state.
  case deleted(Object)
}

extension FollowedChange: Equatable where Object: Equatable {}

/// One line of a watch, with the version that it brings us to.
struct WatchLine<Object: Decodable & Sendable>: Decodable, Sendable {
  enum Content: Sendable {
    case event(WatchEvent<Object>)
    case failure(Status)
    /// A kind of event that a later server may know.
    case unknown(String)
  }
  var content: Content
  var resourceVersion: String?

  private enum Keys: String, CodingKey { case type, object }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    let type = try container.decode(String.self, forKey: .type)
    if type == "ERROR" {
      content = .failure(try container.decode(Status.self, forKey: .object))
      return
    }
    resourceVersion = try container.decode(PartialObject.self, forKey: .object).metadata.resourceVersion
    switch type {
    case "ADDED": content = .event(.added(try container.decode(Object.self, forKey: .object)))
    case "MODIFIED": content = .event(.modified(try container.decode(Object.self, forKey: .object)))
    case "DELETED": content = .event(.deleted(try container.decode(Object.self, forKey: .object)))
    case "BOOKMARK": content = .event(.bookmark(resourceVersion: resourceVersion ?? ""))
    default: content = .unknown(type)
    }
  }
}

extension KubernetesClient {
  /// Watches a list from a version on, until the server ends it (`timeoutSeconds`) or the iteration ends. Throws
  /// `KubernetesError`; `.expired` means: list again.
  public func watch<Object: Decodable & Sendable>(
    _ type: Object.Type, _ resource: Resource, namespace: String? = nil, resourceVersion: String? = nil,
    labelSelector: String? = nil, fieldSelector: String? = nil, timeoutSeconds: Int = 300
  ) -> AsyncThrowingStream<WatchEvent<Object>, any Error> {
    let request = KubernetesRequest.watch(
      resource, namespace: namespace, resourceVersion: resourceVersion, labelSelector: labelSelector,
      fieldSelector: fieldSelector, timeoutSeconds: timeoutSeconds)
    return Self.produce { yield in
      try await read(request) { (line: WatchLine<Object>) in
        if case .event(let event) = line.content { yield(event) }
      }
    }
  }

  /// Lists, watches, and goes on after every end of the watch, for as long as the iteration lasts. Broken connections are
  /// taken up again with growing pauses; after a 410 the list is read anew. Throws what will not mend by waiting: 401, 403, 404.
  public func follow<Object: Decodable & Sendable>(
    _ type: Object.Type, _ resource: Resource, namespace: String? = nil, labelSelector: String? = nil,
    fieldSelector: String? = nil
  ) -> AsyncThrowingStream<FollowedChange<Object>, any Error> {
    Self.produce { yield in
      var version: String?
      var failures = 0
      while true {
        do throws(KubernetesError) {
          if version == nil {
            let list = try await list(
              type, resource, namespace: namespace, labelSelector: labelSelector, fieldSelector: fieldSelector)
            version = list.value.resourceVersion
            yield(.all(list.value.items))
          }
          let request = KubernetesRequest.watch(
            resource, namespace: namespace, resourceVersion: version, labelSelector: labelSelector,
            fieldSelector: fieldSelector)
          let begin = now()
          try await read(request) { (line: WatchLine<Object>) in
            version = line.resourceVersion ?? version
            failures = 0
            switch line.content {
            case .event(.added(let object)), .event(.modified(let object)): yield(.changed(object))
            case .event(.deleted(let object)): yield(.deleted(object))
            case .event(.bookmark), .failure, .unknown: break
            }
          }
          // A watch that ends at once, again and again, must not become a busy loop.
          if now() - begin >= .seconds(1) { failures = 0 } else { failures += 1 }
        } catch {
          switch error.code {
          case .expired: version = nil
          case .transport, .timeout, .server, .tooManyRequests: break
          // A load balancer's own page, while the server behind it restarts.
          case .notKubernetes where error.httpStatus ?? 0 >= 500: break
          default: throw error
          }
          failures += 1
        }
        if failures > 0 { try await pause(.milliseconds(250 << min(failures - 1, 7))) }
      }
    }
  }

  /// A stream that a task of its own fills; it is cancelled with the iteration.
  private static func produce<Element: Sendable>(
    _ body: @escaping @Sendable (@Sendable (Element) -> Void) async throws -> Void
  ) -> AsyncThrowingStream<Element, any Error> {
    AsyncThrowingStream { continuation in
      let task = Task {
        do {
          try await body { continuation.yield($0) }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  /// Reads a watch to its end, line by line.
  private func read<Object: Decodable & Sendable>(
    _ request: KubernetesRequest, _ take: (WatchLine<Object>) -> Void
  ) async throws(KubernetesError) {
    let stream = try await stream(request)
    let metadata = ResponseMetadata(status: stream.status)
    var splitter = LineSplitter()
    do {
      for try await chunk in stream.body {
        for line in try splitter.push(chunk) { try handle(line, request, metadata, take) }
      }
      if let line = splitter.finish() { try handleLast(line, request, metadata, take) }
    } catch let error as KubernetesError {
      throw error
    } catch is LineSplitter.TooLong {
      throw KubernetesError(
        .undecodable, "cannot \(request.phrase): an event is longer than \(splitter.maximum) bytes")
    } catch {
      throw KubernetesError(error, request, connection)
    }
  }

  /// What stands behind the last line end may be cut off; that is a broken connection and no bad server.
  private func handleLast<Object: Decodable & Sendable>(
    _ bytes: [UInt8], _ request: KubernetesRequest, _ metadata: ResponseMetadata, _ take: (WatchLine<Object>) -> Void
  ) throws(KubernetesError) {
    do {
      try handle(bytes, request, metadata, take)
    } catch  where error.code == .undecodable {
      throw KubernetesError(.transport, "cannot \(request.phrase): the watch ended in the middle of an event")
    }
  }

  private func handle<Object: Decodable & Sendable>(
    _ bytes: [UInt8], _ request: KubernetesRequest, _ metadata: ResponseMetadata, _ take: (WatchLine<Object>) -> Void
  ) throws(KubernetesError) {
    let reader = reader(request)
    let line = try reader.decode(WatchLine<Object>.self, Answer(value: bytes, metadata: metadata)).value
    if case .failure(let status) = line.content {
      throw reader.failure(
        status: status, text: printable(status.message ?? "", limit: 2_000), http: status.code ?? 500)
    }
    take(line)
  }
}
