import HTTP
import Synchronization

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
    var nodes: [Node] = []
    var warnings: [String] = []
    var request = KubernetesRequest.nodes(limit: Self.firstNodes)
    var token: String?
    while true {
      let answer = try await page(request)
      nodes += answer.value.nodes
      for warning in answer.metadata.warnings where !warnings.contains(warning) { warnings.append(warning) }
      // A server that sends us in circles is not followed.
      if let next = answer.value.continuation, next != token {
        token = next
        request = .nodes(limit: Self.moreNodes, continueToken: next)
        continue
      }
      var metadata = answer.metadata
      metadata.warnings = warnings
      return Answer(
        value: ObjectList(items: nodes, resourceVersion: answer.value.resourceVersion), metadata: metadata)
    }
  }

  /// Reads a page while it arrives. Each attempt has a reader of its own.
  private func page(_ request: KubernetesRequest) async throws(KubernetesError) -> Answer<NodePage> {
    let transport = transport
    var reader = NodePageReader()
    do throws(KubernetesError) {
      let response = try await response(to: request) { http in
        reader = NodePageReader()
        return try await transport.send(http, pieces: reader.take)
      }
      return try reader.page(response, self.reader(request))
    } catch {
      guard let failure = reader.failure else { throw error }
      throw KubernetesError(failure, self.reader(request))
    }
  }
}

/// A page of nodes.
private struct NodePage: Sendable {
  var nodes: [Node] = []
  var continuation: String?
  var resourceVersion: String?
}

/// Reads one page, on whatever thread the pieces come.
private final class NodePageReader: Sendable {
  fileprivate struct State {
    var list = ProtobufListReader(kind: "NodeList")
    var decoder = NodeDecoder()
    var nodes: [Node] = []
    /// The first bytes until they tell the form, and the whole body where it is no protobuf.
    var other: [UInt8] = []
    var isProtobuf = false
    var failure: ProtobufError?
  }

  private let state = Mutex(State())

  /// What could not be read.
  var failure: ProtobufError? { state.withLock { $0.failure } }

  /// Takes a piece; what cannot be read ends the exchange.
  func take(_ piece: UnsafeRawBufferPointer) throws {
    try state.withLock { state in
      if state.isProtobuf { return try state.decode(piece) }
      state.other += piece
      guard state.other.starts(with: ProtobufListReader.prefix) else { return }
      state.isProtobuf = true
      let begin = state.other
      state.other = []
      try begin.withUnsafeBytes { try state.decode($0) }
    }
  }

  /// The page; `response` has no body where it was a success.
  func page(_ response: HTTPResponse, _ reader: ResponseReader) throws(KubernetesError) -> Answer<NodePage> {
    let state = state.withLock { $0 }
    if state.isProtobuf {
      let answer = try reader.read(response)
      do throws(ProtobufError) {
        try state.list.finish()
      } catch {
        throw KubernetesError(error, reader)
      }
      let page = NodePage(
        nodes: state.nodes, continuation: state.list.continuation, resourceVersion: state.list.resourceVersion)
      return Answer(value: page, metadata: answer.metadata)
    }
    var response = response
    response.body += state.other
    let answer = try reader.decode(APIObject<ObjectPage<Node>>.self, reader.read(response))
    let list = answer.value.object
    var page = NodePage(resourceVersion: list.metadata.resourceVersion)
    page.continuation = list.metadata.continue.flatMap { $0.isEmpty ? nil : $0 }
    page.nodes = list.items.map { node in
      var node = node
      node.metadata = node.metadata.ofNode
      return node
    }
    return Answer(value: page, metadata: answer.metadata)
  }
}

extension NodePageReader.State {
  fileprivate mutating func decode(_ piece: UnsafeRawBufferPointer) throws {
    do throws(ProtobufError) {
      try list.take(piece) { bytes throws(ProtobufError) in nodes.append(try decoder.node(bytes)) }
    } catch {
      failure = error
      throw error
    }
  }
}

extension KubernetesError {
  fileprivate init(_ error: ProtobufError, _ reader: ResponseReader) {
    self.init(
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
