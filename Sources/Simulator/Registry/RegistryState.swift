/// A registry in memory: what it holds, and what it answers. No I/O.
struct RegistryState: Sendable {
  struct Manifest: Sendable, Equatable {
    var mediaType: String
    var bytes: [UInt8]
  }

  struct Repository: Sendable {
    var blobs: [String: [UInt8]] = [:]
    var manifests: [String: Manifest] = [:]
    var tags: [String: String] = [:]
  }

  struct Upload: Sendable {
    var repository: String
    var bytes: [UInt8] = []
  }

  struct Token: Sendable {
    var rights: [String: Set<RegistryConfiguration.Action>]
    var end: ContinuousClock.Instant
  }

  var configuration: RegistryConfiguration
  var repositories: [String: Repository] = [:]
  var uploads: [String: Upload] = [:]
  var tokens: [String: Token] = [:]
  var log: [String] = []
  /// Numbers uploads and tokens.
  var counter = 0

  init(_ configuration: RegistryConfiguration) { self.configuration = configuration }

  mutating func answer(_ request: LoopbackRequest, now: ContinuousClock.Instant) -> LoopbackResponse {
    log.append("\(request.method) \(request.path)")
    if let fault = ServerFault.answer(request, &configuration.faults) { return fault }
    var response = route(request, now: now)
    response.headers["Docker-Distribution-Api-Version"] = "registry/2.0"
    return response
  }

  private mutating func route(_ request: LoopbackRequest, now: ContinuousClock.Instant) -> LoopbackResponse {
    if request.path == "/token" { return token(request, now: now) }
    guard let target = RegistryTarget(request.path) else {
      return .json(404, #"{"errors":[{"code":"NOT_FOUND","message":"no such endpoint"}]}"#)
    }
    if let refusal = refusal(request, target, now: now) { return refusal }
    let isWrite = request.method != "GET" && request.method != "HEAD"
    if isWrite, configuration.isReadOnly {
      return Self.error(405, "UNSUPPORTED", "The operation is unsupported.")
    }
    switch target {
    case .base:
      return .json(200, "{}")
    case .uploads(let name):
      return request.method == "POST" ? startUpload(request, name) : Self.unsupported
    case .upload(let name, let id):
      return upload(request, name, id)
    case .blob(let name, let digest):
      return blob(request, name, digest)
    case .manifest(let name, let reference):
      return manifest(request, name, reference)
    case .tags(let name):
      return request.method == "GET" ? tags(request, name) : Self.unsupported
    }
  }

  func isThere(_ repository: String) -> Bool {
    repositories[repository] != nil || configuration.repositories.contains(repository)
  }

  static let unsupported = error(405, "UNSUPPORTED", "The operation is unsupported.")

  static func nameUnknown(_ repository: String) -> LoopbackResponse {
    error(404, "NAME_UNKNOWN", "repository name not known to registry: \(repository)")
  }

  /// An error document; `message` must not need escaping.
  static func error(
    _ status: Int, _ code: String, _ message: String, headers: [String: String] = [:]
  ) -> LoopbackResponse {
    .json(status, #"{"errors":[{"code":"\#(code)","message":"\#(message)"}]}"#, headers: headers)
  }
}

/// What a path of the registry API means.
enum RegistryTarget: Equatable {
  case base
  case uploads(String)
  case upload(String, String)
  case blob(String, String)
  case manifest(String, String)
  case tags(String)

  init?(_ path: String) {
    if path == "/v2/" || path == "/v2" {
      self = .base
      return
    }
    guard path.hasPrefix("/v2/") else { return nil }
    // A repository's name has slashes itself: the path is read from its end.
    let parts = path.dropFirst(4).split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    func name(_ count: Int) -> String { parts.dropLast(count).joined(separator: "/") }
    switch parts.count {
    case 4... where parts.suffix(3).elementsEqual(["blobs", "uploads", ""]):
      self = .uploads(name(3))
    case 4... where parts.suffix(3).dropLast().elementsEqual(["blobs", "uploads"]):
      self = .upload(name(3), parts[parts.count - 1])
    case 3... where parts.suffix(2).elementsEqual(["blobs", "uploads"]):
      self = .uploads(name(2))
    case 3... where parts[parts.count - 2] == "blobs":
      self = .blob(name(2), parts[parts.count - 1])
    case 3... where parts[parts.count - 2] == "manifests":
      self = .manifest(name(2), parts[parts.count - 1])
    case 3... where parts.suffix(2).elementsEqual(["tags", "list"]):
      self = .tags(name(2))
    default:
      return nil
    }
  }

  /// The repository, or nil for the base.
  var repository: String? {
    switch self {
    case .base: nil
    case .uploads(let name), .upload(let name, _), .blob(let name, _), .manifest(let name, _), .tags(let name): name
    }
  }
}
