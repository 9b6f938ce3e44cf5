import HTTP
import Text

/// A client certificate that is shown to a server, and where it comes from.
public struct ShownCertificate: Sendable, Equatable {
  /// What it says of itself.
  public var certificate: ClientCertificate
  /// `client-certificate-data of user "admin"`, `the output of aws`.
  public var source: String
  /// Whether a plugin gets a new one when this one ends.
  public var isRenewed: Bool

  /// A certificate from its parts.
  public init(certificate: ClientCertificate, source: String, isRenewed: Bool = false) {
    self.certificate = certificate
    self.source = source
    self.isRenewed = isRenewed
  }
}

extension CredentialProvider {
  /// The client certificate that requests show, read but not judged; nil: none is used. A plugin is run where its
  /// credential is not known yet.
  public func shownCertificate() async throws(CredentialError) -> ShownCertificate? {
    guard connection.isSecure else { return nil }
    let owner = connection.user.map { " of user \"\(printable($0, limit: 80))\"" } ?? ""
    if let source = connection.tls.clientCertificate {
      let pem = try certificateText(source)
      let place =
        switch source {
        case .pem: "client-certificate-data\(owner)"
        case .file(let path): "client-certificate \(printable(path))\(owner)"
        }
      return ShownCertificate(certificate: try ClientCertificate(pem: pem), source: place)
    }
    guard case .exec(let plugin) = connection.credential,
      let pair = try await credential(of: plugin).certificate
    else { return nil }
    let certificate = try ClientCertificate(pem: Array(pair.certificate.reveal().utf8))
    return ShownCertificate(
      certificate: certificate, source: "the output of \(printable(plugin.command))\(owner)", isRenewed: true)
  }
}

extension KubernetesClient {
  /// The client certificate that requests show, read but not judged; nil: none is used.
  public func shownCertificate() async throws(CredentialError) -> ShownCertificate? {
    try await credentials.shownCertificate()
  }
}
