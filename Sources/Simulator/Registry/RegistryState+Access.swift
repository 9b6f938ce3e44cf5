internal import FoundationEssentials

extension RegistryState {
  private typealias Action = RegistryConfiguration.Action

  /// Why this request may not be made, as an answer; nil where it may.
  mutating func refusal(
    _ request: LoopbackRequest, _ target: RegistryTarget, now: ContinuousClock.Instant
  ) -> LoopbackResponse? {
    let action: Action = request.method == "GET" || request.method == "HEAD" ? .pull : .push
    switch configuration.authentication {
    case .none:
      return nil
    case .basic:
      guard let user = basicUser(request) else {
        return Self.error(
          401, "UNAUTHORIZED", "authentication required",
          headers: ["WWW-Authenticate": #"Basic realm="Simulated Registry""#])
      }
      guard let repository = target.repository else { return nil }
      return Self.allows(user.rights, repository, action)
        ? nil : Self.error(403, "DENIED", "requested access to the resource is denied")
    case .token:
      return tokenRefusal(request, target, action, now: now)
    }
  }

  private mutating func tokenRefusal(
    _ request: LoopbackRequest, _ target: RegistryTarget, _ action: Action, now: ContinuousClock.Instant
  ) -> LoopbackResponse? {
    let host = request.header("host") ?? "127.0.0.1"
    var challenge = #"Bearer realm="\#(configuration.realm ?? "http://\(host)/token")",service="\#(Self.service)""#
    if let repository = target.repository {
      challenge += #",scope="repository:\#(repository):\#(action == .push ? "pull,push" : "pull")""#
    }
    let fields = (request.header("authorization") ?? "").split(separator: " ", maxSplits: 1)
    guard fields.count == 2, fields[0].lowercased() == "bearer", let token = tokens[String(fields[1])], token.end > now
    else {
      return Self.error(
        401, "UNAUTHORIZED", "authentication required", headers: ["WWW-Authenticate": challenge])
    }
    guard let repository = target.repository else { return nil }
    if token.rights[repository]?.contains(action) == true { return nil }
    return Self.error(
      401, "DENIED", "requested access to the resource is denied",
      headers: ["WWW-Authenticate": challenge + #",error="insufficient_scope""#])
  }

  /// The token server: it never refuses because less is granted than was asked for.
  mutating func token(_ request: LoopbackRequest, now: ContinuousClock.Instant) -> LoopbackResponse {
    let rights: [RegistryConfiguration.Right]
    let scopes: [String]
    switch request.method {
    case "GET":
      if request.header("authorization") == nil {
        rights = configuration.anonymousRights
      } else if let user = basicUser(request) {
        rights = user.rights
      } else {
        return .json(401, #"{"details":"incorrect username or password"}"#)
      }
      scopes = request.query.filter { $0.name == "scope" }.map(\.value)
    case "POST":
      let form = Self.form(request.body)
      let user =
        switch form["grant_type"] {
        case "refresh_token":
          configuration.users.first { $0.identityToken != nil && $0.identityToken == form["refresh_token"] }
        case "password":
          configuration.users.first { $0.name == form["username"] && $0.password == form["password"] }
        default:
          RegistryConfiguration.User?.none
        }
      guard let user else { return .json(400, #"{"error":"invalid_grant"}"#) }
      rights = user.rights
      scopes = form["scope"].map { [$0] } ?? []
    default:
      return Self.unsupported
    }

    var granted: [String: Set<Action>] = [:]
    for scope in scopes.flatMap({ $0.split(separator: " ") }) {
      // A repository's name has no colon, a host's port in it would be one of the middle fields.
      let fields = scope.split(separator: ":").map(String.init)
      guard fields.count >= 3, fields[0] == "repository" else { continue }
      let repository = fields[1..<fields.count - 1].joined(separator: ":")
      for name in fields[fields.count - 1].split(separator: ",") {
        guard let action = Action(rawValue: String(name)), Self.allows(rights, repository, action) else { continue }
        granted[repository, default: []].insert(action)
      }
    }
    counter += 1
    let token = "simulated-token-\(counter)-\(UInt64.random(in: .min ... .max))"
    tokens[token] = Token(rights: granted, end: now + .seconds(configuration.tokenLifetime))
    let lifetime = configuration.tokenLifetime
    return .json(200, #"{"token":"\#(token)","access_token":"\#(token)","expires_in":\#(lifetime)}"#)
  }

  private static let service = "simulated-registry"

  private static func allows(
    _ rights: [RegistryConfiguration.Right], _ repository: String, _ action: Action
  ) -> Bool {
    rights.contains { repository.hasPrefix($0.prefix) && $0.actions.contains(action) }
  }

  private func basicUser(_ request: LoopbackRequest) -> RegistryConfiguration.User? {
    let fields = (request.header("authorization") ?? "").split(separator: " ", maxSplits: 1)
    guard fields.count == 2, fields[0].lowercased() == "basic", let data = Data(base64Encoded: String(fields[1])),
      let text = String(validating: data, as: UTF8.self), let colon = text.firstIndex(of: ":")
    else { return nil }
    let name = text[..<colon]
    let password = text[text.index(after: colon)...]
    return configuration.users.first { $0.name == name && $0.password == password }
  }

  /// A body of the type `application/x-www-form-urlencoded`.
  static func form(_ body: [UInt8]) -> [String: String] {
    var result: [String: String] = [:]
    for pair in body.split(separator: UInt8(ascii: "&")) {
      let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      result[decoded(parts[0])] = parts.count > 1 ? decoded(parts[1]) : ""
    }
    return result
  }

  private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
    var result: [UInt8] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte == UInt8(ascii: "%"), index + 2 < bytes.endIndex,
        let value = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
      {
        result.append(value)
        index += 3
        continue
      }
      result.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      index += 1
    }
    return String(decoding: result, as: UTF8.self)
  }
}
