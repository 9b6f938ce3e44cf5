import FoundationEssentials
import HTTP
import TestSupport
import Testing

extension Stage {
  /// The images that the answers name by default, as small as images can be: a configuration and no layer.
  static let images = [
    "datarobot/mlops-management-agent", "datarobot/mlops-tracking-agent", "datarobot/datarobot-portable-prediction-api",
  ]
  private static let configuration =
    #"{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]}}"#
  /// The stand-in chart's appVersion, which the answers take for the tag.
  private static let imageTag = "11.2.62"
  private static let configurationDigest = "sha256:dc570f145a7f2862c9ef3c30b8d6ae2feaceb0d364e4b2e08e67ae18815427d9"

  /// Pushes them into the registry, as `docker push` would.
  func pushImages(_ certificates: TestCertificates) async throws {
    let client = HTTPClient(configuration: .init(environment: [:]))
    let base = "https://\(registry.host)/v2/"
    let login = Data("push:\(secrets.password)".utf8).base64EncodedString()
    func send(_ method: String, _ url: String, _ body: String, type: String, expecting status: Int) async throws
      -> HTTPResponse
    {
      let response = try await client.send(
        HTTPRequest(
          method: method, url: url, headers: ["Authorization": "Basic \(login)", "Content-Type": type],
          body: Array(body.utf8), tls: TLSOptions(certificateAuthority: certificates.bundle)))
      try #require(response.status == status, "\(method) \(url): \(response.status)")
      return response
    }
    for repository in Self.images {
      let opened = try await send(
        "POST", "\(base)\(repository)/blobs/uploads/", "", type: "application/octet-stream", expecting: 202)
      let location = try #require(opened.headers["Location"])
      _ = try await send(
        "PUT", "\(location)&digest=\(Self.configurationDigest)", Self.configuration, type: "application/octet-stream",
        expecting: 201)
      let type = "application/vnd.oci.image.manifest.v1+json"
      let manifest = """
        {"schemaVersion":2,"mediaType":"\(type)","config":{"mediaType":"application/vnd.oci.image.config.v1+json",
        "digest":"\(Self.configurationDigest)","size":\(Self.configuration.utf8.count)},"layers":[]}
        """
      _ = try await send(
        "PUT", "\(base)\(repository)/manifests/\(Self.imageTag)", manifest, type: type, expecting: 201)
    }
  }
}
