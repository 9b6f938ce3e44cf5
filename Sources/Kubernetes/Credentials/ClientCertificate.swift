public import FoundationEssentials
import SwiftASN1

/// What a client certificate says of itself (RFC 5280): until when it holds and whom it names.
public struct ClientCertificate: Sendable, Equatable {
  /// `notBefore`.
  public var begins: Date
  /// `notAfter`.
  public var expires: Date
  /// The subject's common name: Kubernetes' user name.
  public var commonName: String?
  /// The subject's organizations: Kubernetes' groups.
  public var organizations: [String]

  /// Reads the first certificate of a PEM text.
  public init(pem: [UInt8]) throws(CredentialError) {
    let text = String(decoding: pem, as: UTF8.self)
    guard let begin = text.firstRange(of: "-----BEGIN CERTIFICATE-----"),
      let end = text[begin.upperBound...].firstRange(of: "-----END CERTIFICATE-----")
    else { throw Self.unreadable("holds no PEM block of a CERTIFICATE") }
    let base64 = text[begin.upperBound..<end.lowerBound].filter { !$0.isWhitespace }
    guard let der = Data(base64Encoded: String(base64)) else { throw Self.unreadable("is no valid base64") }
    do {
      self = try Self.read(DER.parse(Array(der)))
    } catch {
      throw Self.unreadable("is no X.509 certificate: \(printable("\(error)", limit: 120))")
    }
  }

  /// When the first certificate of a PEM text ends.
  public static func expiry(pem: [UInt8]) throws(CredentialError) -> Date { try ClientCertificate(pem: pem).expires }

  private static func unreadable(_ what: String) -> CredentialError {
    CredentialError(
      .clientCertificateInvalid, "the client certificate \(what)",
      nextStep:
        "Correct client-certificate or client-certificate-data in the kubeconfig, or let its tool write it again")
  }

  /// A certificate from its parts.
  public init(begins: Date, expires: Date, commonName: String?, organizations: [String]) {
    self.begins = begins
    self.expires = expires
    self.commonName = commonName
    self.organizations = organizations
  }

  private static func read(_ root: ASN1Node) throws -> ClientCertificate {
    let body = try children(root).first
    var fields = try children(body)
    // The version is optional and explicitly tagged [0].
    if fields.first?.identifier == ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific) { fields.removeFirst() }
    guard fields.count >= 6 else { throw ASN1Shape.unexpected }
    let validity = try children(fields[3])
    guard validity.count == 2 else { throw ASN1Shape.unexpected }
    var commonName: String?
    var organizations: [String] = []
    for relative in try children(fields[4]) {
      for attribute in try children(relative) {
        let pair = try children(attribute)
        guard pair.count == 2, let value = text(pair[1]) else { continue }
        let type = try ASN1ObjectIdentifier(derEncoded: pair[0])
        if type == [2, 5, 4, 3] { commonName = value }
        if type == [2, 5, 4, 10] { organizations.append(value) }
      }
    }
    return ClientCertificate(
      begins: try date(validity[0]), expires: try date(validity[1]), commonName: commonName,
      organizations: organizations)
  }

  private enum ASN1Shape: Error { case unexpected }

  private static func children(_ node: ASN1Node?) throws -> [ASN1Node] {
    guard case .constructed(let nodes)? = node?.content else { throw ASN1Shape.unexpected }
    return Array(nodes)
  }

  private static func text(_ node: ASN1Node) -> String? {
    guard case .primitive(let bytes) = node.content else { return nil }
    // BMPString is two bytes a character; all other string types in use are ASCII or UTF-8.
    if node.identifier == .bmpString {
      let pairs = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2)
      return String(decoding: pairs.map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }, as: UTF16.self)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func date(_ node: ASN1Node) throws -> Date {
    let seconds: Int?
    if node.identifier == .utcTime {
      let time = try UTCTime(derEncoded: node)
      seconds = Timestamp.unixSeconds(time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
    } else {
      let time = try GeneralizedTime(derEncoded: node)
      seconds = Timestamp.unixSeconds(time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
    }
    guard let seconds else { throw ASN1Shape.unexpected }
    return Date(timeIntervalSince1970: Double(seconds))
  }
}
