internal import Synchronization

/// A registry on loopback for the demo and for tests: the distribution API with logins, rights and faults, blobs in
/// memory. Real clients can push to it and pull from it.
public final class RegistryServer: Sendable {
  private let state: Mutex<RegistryState>
  private let listener = LoopbackListener()
  /// What stands in front of it in an OpenShift.
  let integrated: IntegratedRegistry?

  /// A registry that is not yet listening.
  public convenience init(_ configuration: RegistryConfiguration = RegistryConfiguration()) {
    self.init(configuration, integrated: nil)
  }

  init(_ configuration: RegistryConfiguration, integrated: IntegratedRegistry?) {
    state = Mutex(RegistryState(configuration))
    self.integrated = integrated
  }

  /// Listens on a free port of 127.0.0.1 and gives the port.
  public func start() async throws -> UInt16 {
    try await listener.start { [self] request in await answer(request).answer }
  }

  func answer(_ request: LoopbackRequest) async -> LoopbackResponse {
    if let refusal = await integrated?.answer(request) {
      state.withLock { $0.log.append("\(request.method) \(request.path)") }
      return refusal
    }
    let response = state.withLock { $0.answer(request, now: .now) }
    await integrated?.didAnswer(request, response)
    return response
  }

  /// Stops to listen; what was pushed stays.
  public func stop() async { await listener.stop() }

  /// Every request as `METHOD /path`, in order; neither queries nor bodies nor header fields are kept.
  public var requests: [String] { state.withLock { $0.log } }

  /// How it behaves; may be changed while it listens.
  public var configuration: RegistryConfiguration {
    get { state.withLock { $0.configuration } }
    set { state.withLock { $0.configuration = newValue } }
  }

  /// How many uploads were opened and neither finished nor cancelled.
  public var openUploads: Int { state.withLock { $0.uploads.count } }

  /// The repositories that something was pushed to, sorted.
  public var repositories: [String] { state.withLock { $0.repositories.keys.sorted() } }

  /// Puts an image there without a client: an index over these architectures (Go's names), or a single image where there
  /// is one. Gives its digest.
  @discardableResult
  public func addImage(_ repository: String, tag: String, architectures: [String] = ["amd64"]) -> String {
    state.withLock { $0.addImage(repository, tag: tag, architectures: architectures) }
  }
}

extension RegistryState {
  mutating func addImage(_ repository: String, tag: String, architectures: [String]) -> String {
    let images = architectures.map { architecture in
      let config = Array(
        #"{"architecture":"\#(architecture)","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]}}"#.utf8)
      let configDigest = SHA256.digest(config)
      repositories[repository, default: Repository()].blobs[configDigest] = config
      let type = "application/vnd.oci.image.manifest.v1+json"
      let descriptor =
        #""mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(configDigest)","size":\#(config.count)"#
      let text = #"{"schemaVersion":2,"mediaType":"\#(type)","config":{\#(descriptor)},"layers":[]}"#
      let manifest = Manifest(mediaType: type, bytes: Array(text.utf8))
      let reference = architectures.count == 1 ? tag : SHA256.digest(manifest.bytes)
      return (architecture, putManifest(manifest, repository, reference), manifest)
    }
    if images.count == 1 { return images[0].1 }
    let type = "application/vnd.oci.image.index.v1+json"
    let descriptors = images.map { architecture, digest, manifest in
      #"{"mediaType":"\#(manifest.mediaType)","digest":"\#(digest)","size":\#(manifest.bytes.count),"#
        + #""platform":{"architecture":"\#(architecture)","os":"linux"}}"#
    }
    let text =
      #"{"schemaVersion":2,"mediaType":"\#(type)","manifests":[\#(descriptors.joined(separator: ","))]}"#
    return putManifest(Manifest(mediaType: type, bytes: Array(text.utf8)), repository, tag)
  }
}
