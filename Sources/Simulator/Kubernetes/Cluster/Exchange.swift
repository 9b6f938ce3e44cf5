import Kubernetes

/// A request as the simulated server sees it, freed of the HTTP library's types.
struct APIRequest: Sendable {
  var method: String
  /// The path as it was sent, without the query.
  var path: String
  /// The query as it was sent.
  var rawQuery: String
  /// Names in lower case.
  var headers: [String: String]
  var body: [UInt8]

  var query: RequestQuery { RequestQuery(rawQuery) }
  var target: String { rawQuery.isEmpty ? path : "\(path)?\(rawQuery)" }
}

/// An answer to be sent.
struct APIResponse: Sendable {
  enum Body: Sendable {
    case bytes([UInt8])
    /// A watch: one chunk an event.
    case stream(AsyncStream<[UInt8]>)
  }

  var status: Int
  var headers: [(name: String, value: String)]
  var body: Body
  /// Whom the request was taken to come from; for the log.
  var user = ""

  static func json(_ value: JSONValue, status: Int = 200, warnings: [String] = []) -> APIResponse {
    var headers = [("Cache-Control", "no-cache, private"), ("Content-Type", "application/json")]
    for warning in warnings {
      let quoted = warning.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
      headers.append(("Warning", "299 - \"\(quoted)\""))
    }
    return APIResponse(status: status, headers: headers, body: .bytes(JSONText.format(value) + [0x0A]))
  }

  static func text(_ text: String, status: Int = 200) -> APIResponse {
    APIResponse(
      status: status,
      headers: [
        ("Cache-Control", "no-cache, private"), ("Content-Type", "text/plain; charset=utf-8"),
        ("X-Content-Type-Options", "nosniff"),
      ], body: .bytes(Array(text.utf8)))
  }

  static func error(_ error: APIError) -> APIResponse {
    var response = json(error.status, status: error.code)
    if error.isFromFilter { response.headers.append(("X-Content-Type-Options", "nosniff")) }
    if let seconds = error.retryAfter { response.headers.append(("Retry-After", String(seconds))) }
    return response
  }

  static let notFoundPage = APIResponse.text("404 page not found\n", status: 404)
}
