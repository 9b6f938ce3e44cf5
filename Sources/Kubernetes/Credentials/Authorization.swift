public import Text

/// What a request shows the server.
public struct Authorization: Sendable, Equatable {
  /// The value of the Authorization header.
  public var header: SecretText?
  /// The client certificate and key from a plugin, in place of those in the connection.
  public var certificate: CertificatePair?
  /// Counts the credentials that were obtained; tells a refused one from its successor.
  public var generation = 0

  /// Shows nothing.
  public init() {}

  /// Shows these.
  public init(header: SecretText?, certificate: CertificatePair? = nil, generation: Int = 0) {
    self.header = header
    self.certificate = certificate
    self.generation = generation
  }
}
