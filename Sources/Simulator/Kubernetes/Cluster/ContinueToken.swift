import Kubernetes

/// The token of a list that goes on: base64url of `{"v":"meta.k8s.io/v1","rv":20323,"start":"n00000\u0000"}`
/// (k8s.io/apiserver, storage/continue.go).
struct ContinueToken: Equatable {
  var revision: Int
  /// The key to go on with, under the list's prefix.
  var start: String

  init(revision: Int, start: String) {
    self.revision = revision
    self.start = start
  }

  init(_ text: String) throws(APIError) {
    let standard = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
    guard let bytes = Base64.decode(standard) else {
      throw .badRequest("invalid continue token: continue key is not valid: illegal base64 data at input byte 0")
    }
    let value: JSONValue
    do { value = try JSONText.parse(bytes) } catch {
      throw .badRequest("invalid continue token: continue key is not valid: \(error.message)")
    }
    guard value["v"] == "meta.k8s.io/v1", let revision = value["rv"]?.integer, let start = value["start"]?.string else {
      throw .badRequest(
        "invalid continue token: continue key is not valid: server does not recognize this encoded version")
    }
    self.revision = revision
    self.start = start
  }

  var text: String {
    let json = JSONText.format(["v": "meta.k8s.io/v1", "rv": .integer(revision), "start": .string(start)])
    let standard = Base64.encode(json)
    return String(standard.compactMap { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 == "=" ? nil : $0 })
  }
}
