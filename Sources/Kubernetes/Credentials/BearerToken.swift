public import Text

extension CredentialProvider {
  /// The bearer token that requests show now; nil: they show something else, or nothing.
  public func bearerToken() async throws(CredentialError) -> SecretText? {
    let scheme = "Bearer "
    guard let header = try await authorization().header?.reveal(), header.hasPrefix(scheme) else { return nil }
    return SecretText(String(header.dropFirst(scheme.count)))
  }
}

extension KubernetesClient {
  /// The bearer token that requests show now, for services that take it as a password; nil: there is none.
  public func bearerToken() async throws(CredentialError) -> SecretText? { try await credentials.bearerToken() }
}
