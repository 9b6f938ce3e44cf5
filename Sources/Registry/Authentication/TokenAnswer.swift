internal import FoundationEssentials
internal import HTTP

/// The token server's answer; `token` and `access_token` are the same thing.
struct TokenAnswer: Decodable, Sendable {
  var token: String?
  var accessToken: String?
  /// Seconds; 60 where it is not said.
  var expiresIn: Int?

  enum CodingKeys: String, CodingKey {
    case token
    case accessToken = "access_token"
    case expiresIn = "expires_in"
  }

  var value: String? { [token, accessToken].compactMap { $0 }.first { !$0.isEmpty } }

  /// How long the token is used: ten seconds less than it lives, so that it does not die on the way.
  var lifetime: Duration { .seconds(max(0, min(expiresIn ?? 60, 24 * 60 * 60) - 10)) }
}

extension TokenAnswer {
  /// The token in an answer, or why there is none.
  static func read(
    _ response: HTTPResponse, from realm: RegistryURL, user: String?
  ) throws(RegistryError) -> (value: String, lifetime: Duration) {
    let server = "the token server \(realm.authority)"
    let body = RegistryErrorBody(response.body)
    let said = body.text.map { " (\($0))" } ?? ""
    switch response.status {
    case 200...299:
      let answer: TokenAnswer
      do {
        answer = try JSONDecoder().decode(TokenAnswer.self, from: Data(response.body))
      } catch {
        throw RegistryError(
          code: .tokenFailed, message: "\(server) answered with something that is no token document",
          nextStep: "check that no proxy or login page stands in front of it")
      }
      guard let value = answer.value, Self.isSafe(value) else {
        throw RegistryError(code: .tokenFailed, message: "\(server) answered without a token")
      }
      return (value, answer.lifetime)
    case 400 where body.contains("INVALID_GRANT"), 401, 403:
      let who = user.map {
        $0 == RegistryCredential.identityTokenUsername ? "the identity token" : "the user \"\($0)\""
      }
      throw RegistryError(
        code: .credentialsRejected,
        message: "\(server) refused \(who ?? "to give a token without a user name")\(said)",
        nextStep: user == nil ? "give a user name and a password" : "check the user name and the password")
    case 429:
      throw RegistryError.tooManyRequests(server, response)
    case 500...599:
      throw RegistryError(
        code: .serverFailed, message: "\(server) failed with status \(response.status)\(said)",
        nextStep: "try again later")
    default:
      throw RegistryError(
        code: .tokenFailed, message: "\(server) gave no token, status \(response.status)\(said)",
        nextStep: "check the registry's token realm")
    }
  }

  /// A token with a line end in it would write further header fields.
  private static func isSafe(_ token: String) -> Bool { token.utf8.allSatisfy { 0x20 < $0 && $0 < 0x7f } }
}
