/// A user name and a password, or an identity token under the user name `<token>` (docker's convention).
///
/// It is deliberately not Codable, and neither `print`, string interpolation nor a mirror shows what is in it.
public struct RegistryCredential: Sendable, Equatable {
  /// The user name.
  public var username: String
  /// The password or token; any characters.
  public var password: String

  /// A credential from its parts.
  public init(username: String, password: String) {
    self.username = username
    self.password = password
  }

  /// The user name under which docker's credential helpers hand out an identity (refresh) token.
  public static let identityTokenUsername = "<token>"

  /// The password is an OAuth 2 refresh token.
  public var isIdentityToken: Bool { username == Self.identityTokenUsername }

  /// What makes this credential unusable with HTTP Basic (RFC 7617, section 2), or nil.
  public var problem: String? {
    if username.isEmpty { return "the user name is empty" }
    if username.contains(":") { return "the user name contains a colon, which HTTP Basic cannot carry" }
    if password.isEmpty { return "the password is empty" }
    let isControl = { (scalar: Unicode.Scalar) in scalar.value < 0x20 || scalar.value == 0x7f }
    if username.unicodeScalars.contains(where: isControl) || password.unicodeScalars.contains(where: isControl) {
      return "the user name or the password contains a control character; a line end may have been copied with it"
    }
    return nil
  }
}

extension RegistryCredential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Says that it is one, and nothing of it.
  public var description: String { "RegistryCredential(redacted)" }
  /// Says that it is one, and nothing of it.
  public var debugDescription: String { description }
  /// Shows no members.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Finds the credential for a registry's host; nil is anonymous.
public typealias RegistryCredentialProvider = @Sendable (_ host: String) async throws -> RegistryCredential?
