public import FoundationEssentials
public import Text

/// What a plugin printed.
public struct ExecCredential: Sendable, Equatable {
  /// A bearer token.
  public var token: SecretText?
  /// A client certificate and its key, PEM.
  public var certificate: CertificatePair?
  /// Until when it holds; nil: until the server refuses it.
  public var expires: Date?
}

/// A client certificate with its key, both PEM.
public struct CertificatePair: Sendable, Equatable {
  /// The certificate.
  public var certificate: SecretText
  /// The key.
  public var key: SecretText
}
