import Kubernetes

extension RegistryServer {
  /// Answers for the pushes of a simulated cluster's image builders, under these host names.
  public func pushGate(hosts: [String]) -> PushGate {
    { [self] attempt in
      guard hosts.contains(attempt.host) else {
        return
          "creating push check transport for \(attempt.host) failed: Get \"https://\(attempt.host)/v2/\": dial tcp: "
          + "lookup \(attempt.host) on 10.96.0.10:53: no such host"
      }
      return await refusal(of: attempt)
    }
  }

  /// What go-containerregistry does to see whether it may push: a ping, a token where one is wanted, an upload that is
  /// opened and cancelled (pkg/v1/remote/check.go).
  private func refusal(of attempt: PushAttempt) async -> String? {
    let base = "https://\(attempt.host)"
    func ask(_ method: String, _ target: String, _ authorization: String?) async -> LoopbackResponse {
      let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
      var headers = ["host": attempt.host, "x-forwarded-host": attempt.host, "x-forwarded-proto": "https"]
      headers["authorization"] = authorization
      return await answer(
        LoopbackRequest(
          method: method, path: parts[0], rawQuery: parts.count > 1 ? parts[1] : "", headers: headers, body: []))
    }
    let basic = attempt.login.map { "Basic \(Base64.encode(Array("\($0.user):\($0.password)".utf8)))" }
    let ping = await ask("GET", "/v2/", nil)
    var authorization: String?
    switch ping.status {
    case 200: authorization = nil
    case 401:
      let challenge = ping.headers["WWW-Authenticate"] ?? ""
      if challenge.hasPrefix("Bearer ") {
        let realm = Self.parameter("realm", of: challenge)
        let service = Self.parameter("service", of: challenge)
        let path = realm.dropFirst("https://".count).drop { $0 != "/" }
        let query =
          "scope=repository%3A\(attempt.repository)%3Apush%2Cpull" + (service.isEmpty ? "" : "&service=\(service)")
        let answer = await ask("GET", "\(path)?\(query)", basic)
        let text = String(decoding: answer.body, as: UTF8.self)
        guard answer.status == 200 else {
          return
            "creating push check transport for \(attempt.host) failed: GET \(realm)?\(query): unexpected status code "
            + "\(answer.status) Unauthorized: \(text)"
        }
        authorization = Self.member("token", of: text).map { "Bearer \($0)" }
      } else {
        authorization = basic
      }
    default:
      return
        "creating push check transport for \(attempt.host) failed: GET \(base)/v2/: unexpected status code \(ping.status)"
    }
    let path = "/v2/\(attempt.repository)/blobs/uploads/"
    let opened = await ask("POST", path, authorization)
    if opened.status == 202 {
      if let location = opened.headers["Location"] {
        let target =
          location.hasPrefix("/") ? location : String(location.dropFirst("https://".count).drop { $0 != "/" })
        _ = await ask("DELETE", target, authorization)
      }
      return nil
    }
    let body = String(decoding: opened.body, as: UTF8.self)
    return "POST \(base)\(path): \(Self.words(body) ?? "unexpected status code \(opened.status): \(body)")"
  }

  private static func parameter(_ name: String, of challenge: String) -> String {
    for part in challenge.dropFirst("Bearer ".count).split(separator: ",") where part.hasPrefix("\(name)=") {
      return part.dropFirst(name.count + 1).filter { $0 != "\"" }
    }
    return ""
  }

  private static func member(_ name: String, of text: String) -> String? {
    do { return try JSONText.parse(Array(text.utf8))[name]?.string } catch { return nil }  // No token, then.
  }

  /// `CODE: message`, as the distribution's errors are written.
  private static func words(_ body: String) -> String? {
    let document: JSONValue
    do { document = try JSONText.parse(Array(body.utf8)) } catch { return nil }  // It is told as it is.
    guard let error = document["errors"]?.array?.first, let code = error["code"]?.string else { return nil }
    return "\(code): \(error["message"]?.string ?? "")"
  }
}
