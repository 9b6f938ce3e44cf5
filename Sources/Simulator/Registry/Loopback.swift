/// A request as a simulated server sees it: values only, so that what it answers is a pure function.
struct LoopbackRequest: Sendable {
  var method: String
  /// The path as it was sent, percent-encoded, without the query.
  var path: String
  /// The query as it was sent.
  var rawQuery: String
  /// Names in lower case.
  var headers: [String: String]
  var body: [UInt8]

  /// The query's items in order, decoded.
  var query: [(name: String, value: String)] { RequestQuery(rawQuery).items }

  /// The first query item of that name.
  func query(_ name: String) -> String? { RequestQuery(rawQuery)[name] }

  /// A header field's value; the name is given in lower case.
  func header(_ name: String) -> String? { headers[name] }
}

/// What a simulated server answers.
struct LoopbackResponse: Sendable, Equatable {
  var status: Int
  var headers: [String: String] = [:]
  var body: [UInt8] = []

  /// A JSON document.
  static func json(_ status: Int, _ text: String, headers: [String: String] = [:]) -> LoopbackResponse {
    LoopbackResponse(
      status: status, headers: headers.merging(["Content-Type": "application/json"]) { own, _ in own },
      body: Array(text.utf8))
  }

  /// As the server sends it.
  var answer: LoopbackAnswer {
    LoopbackAnswer(status: status, headers: headers.map { ($0.key, $0.value) }, body: .bytes(body))
  }

  /// A web page, as a proxy or a login page in front of a server would answer.
  static func html(_ status: Int, _ title: String) -> LoopbackResponse {
    let page = "<!DOCTYPE html><html><head><title>\(title)</title></head><body>\(title)</body></html>"
    return LoopbackResponse(
      status: status, headers: ["Content-Type": "text/html; charset=utf-8"], body: Array(page.utf8))
  }
}

/// An answer that a simulated server gives in place of its own.
public struct ServerFault: Sendable, Equatable {
  /// Requests whose `METHOD /path` contains this text fail; the empty text means all.
  public var matching: String
  /// The status of the answer.
  public var status: Int
  /// Header fields of the answer: `Retry-After`.
  public var headers: [String: String]
  /// The body of the answer, as it is.
  public var body: String
  /// How many requests fail before the server works again; nil: all.
  public var remaining: Int?

  /// A fault from its parts.
  public init(
    matching: String = "", status: Int, headers: [String: String] = [:], body: String = "", remaining: Int? = nil
  ) {
    self.matching = matching
    self.status = status
    self.headers = headers
    self.body = body
    self.remaining = remaining
  }

  /// A web page in place of the API: a proxy, a login page, the wrong host.
  public static func webPage(matching: String = "", status: Int = 200) -> ServerFault {
    let page = LoopbackResponse.html(status, "Sign in")
    return ServerFault(
      matching: matching, status: status, headers: page.headers, body: String(decoding: page.body, as: UTF8.self))
  }

  /// The answer of the first fault that matches; it is used up.
  static func answer(_ request: LoopbackRequest, _ faults: inout [ServerFault]) -> LoopbackResponse? {
    let line = "\(request.method) \(request.path)"
    let match = faults.firstIndex { fault in
      fault.remaining != 0 && (fault.matching.isEmpty || line.contains(fault.matching))
    }
    guard let match else { return nil }
    faults[match].remaining = faults[match].remaining.map { $0 - 1 }
    let fault = faults[match]
    return LoopbackResponse(status: fault.status, headers: fault.headers, body: Array(fault.body.utf8))
  }
}
