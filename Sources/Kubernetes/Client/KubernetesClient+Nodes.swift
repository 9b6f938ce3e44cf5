import HTTP

extension KubernetesRequest {
  /// One page of the nodes, in protobuf where the server has it.
  static func nodes(limit: Int, continueToken: String? = nil) -> KubernetesRequest {
    var request = KubernetesRequest.list(.nodes, limit: limit, continueToken: continueToken)
    request.accept = "application/vnd.kubernetes.protobuf,application/json"
    return request
  }
}

extension KubernetesClient {
  /// How many nodes the first page has. In most clusters these are all, and then they come over the connection that is
  /// there already; what follows is read while it arrives.
  static let firstNodes = 100
  /// As many as kubectl asks for at a time.
  static let moreNodes = 500

  /// Reads all nodes. Annotations, owners, finalizers, managed fields and images are not read: they are nearly all of a
  /// node, and 5,000 nodes are 50 MB. They come in protobuf, which the API server writes without effort and of which
  /// all that is not needed is stepped over; what answers in JSON is read too.
  public func nodes() async throws(KubernetesError) -> Answer<ObjectList<Node>> {
    var restarts = 0
    while true {
      do {
        return try await allNodes()
      } catch {
        // The continuation has expired: anew, so that the list is of one version.
        guard error.code == .expired, restarts < Self.maximumRestarts else { throw error }
        restarts += 1
      }
    }
  }

  private func allNodes() async throws(KubernetesError) -> Answer<ObjectList<Node>> {
    var pages = NodePages()
    let first = KubernetesRequest.nodes(limit: Self.firstNodes)
    let answer = try await send(first)
    var metadata = answer.metadata
    var continuation = try pages.add(answer, reader(first))
    while let token = continuation {
      let request = KubernetesRequest.nodes(limit: Self.moreNodes, continueToken: token)
      let page = try await page(request, &pages)
      for warning in page.metadata.warnings where !metadata.warnings.contains(warning) {
        metadata.warnings.append(warning)
      }
      // A server that sends us in circles is not followed.
      continuation = page.value == token ? nil : page.value
    }
    return Answer(
      value: ObjectList(items: pages.nodes, resourceVersion: pages.resourceVersion), metadata: metadata)
  }

  /// Reads a page while it arrives; once more from its beginning where the connection breaks. The value is the token of
  /// the page after it.
  private func page(
    _ request: KubernetesRequest, _ pages: inout NodePages
  ) async throws(KubernetesError) -> Answer<String?> {
    let before = pages.nodes.count
    var isRepeated = false
    while true {
      let stream = try await stream(request)
      let head = HTTPResponse(status: stream.status, headers: stream.headers)
      do {
        let next = try await Self.read(stream, &pages, reader(request))
        return Answer(value: next, metadata: ResponseReader.metadata(head))
      } catch let error as KubernetesError {
        throw error
      } catch {
        guard !isRepeated, !Task.isCancelled, Self.isBroken(error) else {
          throw KubernetesError(error, request, connection)
        }
        isRepeated = true
        pages.nodes.removeSubrange(before...)
      }
    }
  }

  private static func read(
    _ stream: HTTPStream, _ pages: inout NodePages, _ reader: ResponseReader
  ) async throws -> String? {
    guard stream.headers["Content-Type"]?.hasPrefix("application/vnd.kubernetes.protobuf") == true else {
      var response = HTTPResponse(status: stream.status, headers: stream.headers)
      for try await piece in stream.body {
        response.body += piece
        guard response.body.count <= NodePages.maximumPageBytes else { throw NodePages.tooLarge(reader) }
      }
      try Task.checkCancellation()
      return try pages.add(try reader.read(response), reader)
    }
    var list = ProtobufListReader(kind: "NodeList")
    var bytes = 0
    for try await piece in stream.body {
      bytes += piece.count
      guard bytes <= NodePages.maximumPageBytes else { throw NodePages.tooLarge(reader) }
      try pages.take(piece, &list, reader)
    }
    // A cancelled stream may end as if it were complete.
    try Task.checkCancellation()
    return try pages.finish(list, reader)
  }
}

/// The nodes of the pages so far.
private struct NodePages {
  var nodes: [Node] = []
  var resourceVersion: String?
  private var decoder = NodeDecoder()

  /// The most that one page may have.
  static let maximumPageBytes = 256 << 20

  /// Adds a page that has come as a whole; returns the next page's token.
  mutating func add(_ answer: Answer<[UInt8]>, _ reader: ResponseReader) throws(KubernetesError) -> String? {
    if answer.value.starts(with: ProtobufListReader.prefix) {
      var list = ProtobufListReader(kind: "NodeList")
      try take(answer.value, &list, reader)
      return try finish(list, reader)
    }
    let page = try reader.decode(APIObject<ObjectPage<Node>>.self, answer).value.object
    nodes += page.items.map { node in
      var node = node
      node.metadata = node.metadata.ofNode
      return node
    }
    resourceVersion = page.metadata.resourceVersion
    return page.metadata.continue.flatMap { $0.isEmpty ? nil : $0 }
  }

  mutating func take(
    _ piece: [UInt8], _ list: inout ProtobufListReader, _ reader: ResponseReader
  ) throws(KubernetesError) {
    do throws(ProtobufError) {
      try list.take(piece) { bytes throws(ProtobufError) in nodes.append(try decoder.node(bytes)) }
    } catch {
      throw Self.unreadable(error, reader)
    }
  }

  mutating func finish(
    _ list: ProtobufListReader, _ reader: ResponseReader
  ) throws(KubernetesError) -> String? {
    do throws(ProtobufError) {
      try list.finish()
    } catch {
      throw Self.unreadable(error, reader)
    }
    resourceVersion = list.resourceVersion
    return list.continuation
  }

  static func tooLarge(_ reader: ResponseReader) -> KubernetesError {
    unreadable(ProtobufError(message: "a page is larger than \(maximumPageBytes) bytes"), reader)
  }

  private static func unreadable(_ error: ProtobufError, _ reader: ResponseReader) -> KubernetesError {
    KubernetesError(
      .undecodable,
      "cannot \(reader.request.phrase): the answer of \(printable(reader.connection.server)) cannot be read: "
        + error.message,
      nextStep: "See that the server is a Kubernetes API server of a version that this program knows")
  }
}

extension ObjectMeta {
  /// As much of a node's metadata as is read from protobuf, so that no check sees more in JSON than it will see there.
  var ofNode: ObjectMeta {
    var kept = ObjectMeta()
    kept.name = name
    kept.uid = uid
    kept.resourceVersion = resourceVersion
    kept.creationTimestamp = creationTimestamp
    kept.deletionTimestamp = deletionTimestamp
    kept.labels = labels
    return kept
  }
}
