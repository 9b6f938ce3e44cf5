import FoundationEssentials
import HTTP
import TestSupport

extension ScriptedTransport {
  /// A registry of that host, which takes this login (`USER:PASSWORD`) and every upload; there is no other host.
  ///
  /// - Parameter challenge: What it says beside its realm to who is not logged in.
  static func registry(_ host: String, login: String, challenge: String = "") -> ScriptedTransport {
    let authorization = "Basic \(Data(login.utf8).base64EncodedString())"
    return ScriptedTransport { request in
      guard request.url.hasPrefix("https://\(host)/v2/") else {
        throw HTTPError(code: .nameNotResolved, message: "no such host", url: request.url)
      }
      guard request.headers["Authorization"] == authorization else {
        return .text(401, headers: ["WWW-Authenticate": "Basic realm=\"https://\(host)/\"\(challenge)"])
      }
      switch request.method {
      case "POST": return .text(202, headers: ["Location": "https://\(host)/v2/upload/1"])
      case "DELETE": return .text(204)
      default: return .text(200)
      }
    }
  }
}
