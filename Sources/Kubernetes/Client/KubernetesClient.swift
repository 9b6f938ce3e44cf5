public import HTTP

/// A client of one API server as one user.
public struct KubernetesClient: Sendable {
  /// Whom it speaks to, and as whom.
  public let connection: ClusterConnection
  let transport: any HTTPTransport
  let credentials: CredentialProvider
  let time: ClientTime

  /// How often an answer that asks to be retried is (client-go, rest.maxRetries).
  static let maximumRetries = 10
  /// How often a list begins anew when its continuation has expired.
  static let maximumRestarts = 3

  /// A client from its parts.
  public init(
    connection: ClusterConnection, transport: any HTTPTransport, credentials: CredentialProvider,
    time: ClientTime = .system
  ) {
    self.connection = connection
    self.transport = transport
    self.credentials = credentials
    self.time = time
  }
}
