internal import FoundationEssentials

/// Blobs, uploads, manifests and tags (distribution-spec, sections "Pulling" and "Pushing").
extension RegistryState {
  mutating func startUpload(_ request: LoopbackRequest, _ name: String) -> LoopbackResponse {
    if !configuration.createsRepositories, !isThere(name) { return Self.nameUnknown(name) }
    if let digest = request.query("mount"), let from = request.query("from"),
      let bytes = repositories[from]?.blobs[digest]
    {
      repositories[name, default: Repository()].blobs[digest] = bytes
      return created(request, name, digest)
    }
    if let digest = request.query("digest") { return store(request, name, digest, request.body) }
    counter += 1
    let id = "upload-\(counter)"
    uploads[id] = Upload(repository: name)
    return progress(request, name, id, status: 202)
  }

  mutating func upload(_ request: LoopbackRequest, _ name: String, _ id: String) -> LoopbackResponse {
    guard var upload = uploads[id], upload.repository == name else {
      return Self.error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
    }
    switch request.method {
    case "GET":
      return progress(request, name, id, status: 204)
    case "PATCH":
      upload.bytes += request.body
      uploads[id] = upload
      return progress(request, name, id, status: 202)
    case "PUT":
      guard let digest = request.query("digest") else {
        return Self.error(400, "DIGEST_INVALID", "digest parameter missing")
      }
      uploads[id] = nil
      return store(request, name, digest, upload.bytes + request.body)
    case "DELETE":
      uploads[id] = nil
      return LoopbackResponse(status: 204)
    default:
      return Self.unsupported
    }
  }

  private mutating func store(
    _ request: LoopbackRequest, _ name: String, _ digest: String, _ bytes: [UInt8]
  ) -> LoopbackResponse {
    guard SHA256.digest(bytes) == digest else {
      return Self.error(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
    }
    repositories[name, default: Repository()].blobs[digest] = bytes
    return created(request, name, digest)
  }

  private func created(_ request: LoopbackRequest, _ name: String, _ digest: String) -> LoopbackResponse {
    LoopbackResponse(
      status: 201,
      headers: ["Location": location(request, "/v2/\(name)/blobs/\(digest)"), "Docker-Content-Digest": digest])
  }

  private func progress(
    _ request: LoopbackRequest, _ name: String, _ id: String, status: Int
  ) -> LoopbackResponse {
    let count = uploads[id]?.bytes.count ?? 0
    return LoopbackResponse(
      status: status,
      headers: [
        // The state in the query has to come back with every further request, as the original registry's has to.
        "Location": location(request, "/v2/\(name)/blobs/uploads/\(id)?_state=\(id)-state"),
        "Docker-Upload-UUID": id, "Range": "0-\(max(count - 1, 0))",
      ])
  }

  private func location(_ request: LoopbackRequest, _ path: String) -> String {
    guard configuration.writesAbsoluteLocations, let host = request.header("host") else { return path }
    return "http://\(host)\(path)"
  }

  func blob(_ request: LoopbackRequest, _ name: String, _ digest: String) -> LoopbackResponse {
    guard request.method == "GET" || request.method == "HEAD" else { return Self.unsupported }
    guard let bytes = repositories[name]?.blobs[digest] else {
      return Self.error(404, "BLOB_UNKNOWN", "blob unknown to registry")
    }
    return LoopbackResponse(
      status: 200, headers: ["Content-Type": "application/octet-stream", "Docker-Content-Digest": digest], body: bytes)
  }

  mutating func manifest(_ request: LoopbackRequest, _ name: String, _ reference: String) -> LoopbackResponse {
    switch request.method {
    case "GET", "HEAD":
      guard isThere(name) else { return Self.nameUnknown(name) }
      let repository = repositories[name] ?? Repository()
      let digest = repository.tags[reference] ?? reference
      guard let manifest = repository.manifests[digest] else {
        return Self.error(404, "MANIFEST_UNKNOWN", "manifest unknown")
      }
      return LoopbackResponse(
        status: 200, headers: ["Content-Type": manifest.mediaType, "Docker-Content-Digest": digest],
        body: manifest.bytes)
    case "PUT":
      if !configuration.createsRepositories, !isThere(name) { return Self.nameUnknown(name) }
      let digest = putManifest(
        Manifest(mediaType: request.header("content-type") ?? "application/json", bytes: request.body), name, reference)
      return LoopbackResponse(
        status: 201,
        headers: ["Location": location(request, "/v2/\(name)/manifests/\(digest)"), "Docker-Content-Digest": digest])
    default:
      return Self.unsupported
    }
  }

  /// Stores a manifest under its digest and, where the reference is no digest, a tag.
  @discardableResult
  mutating func putManifest(_ manifest: Manifest, _ name: String, _ reference: String) -> String {
    let digest = SHA256.digest(manifest.bytes)
    repositories[name, default: Repository()].manifests[digest] = manifest
    if !reference.contains(":") { repositories[name]?.tags[reference] = digest }
    return digest
  }

  func tags(_ request: LoopbackRequest, _ name: String) -> LoopbackResponse {
    guard isThere(name) else { return Self.nameUnknown(name) }
    var tags = (repositories[name]?.tags.keys).map { $0.sorted() } ?? []
    if let last = request.query("last") { tags = tags.filter { $0 > last } }
    var headers: [String: String] = [:]
    if let count = request.query("n").flatMap(Int.init), count > 0, count < tags.count {
      tags = Array(tags.prefix(count))
      headers["Link"] = #"</v2/\#(name)/tags/list?n=\#(count)&last=\#(tags[count - 1])>; rel="next""#
    }
    let list = tags.map { "\"\($0)\"" }.joined(separator: ",")
    return .json(200, #"{"name":"\#(name)","tags":[\#(list)]}"#, headers: headers)
  }
}
