import FoundationEssentials
import HTTP

/// Turns HTTP answers into values or errors; pure.
struct ResponseReader {
  var request: KubernetesRequest
  var connection: ClusterConnection

  /// The body of a success, or what went wrong.
  func read(_ response: HTTPResponse) throws(KubernetesError) -> Answer<[UInt8]> {
    if looksLikePage(response) || (300..<400).contains(response.status) { throw notKubernetes(response) }
    guard (200..<300).contains(response.status) else {
      var error = failure(response)
      error.serverDate = Self.metadata(response).serverDate
      throw error
    }
    return Answer(value: response.body, metadata: Self.metadata(response))
  }

  /// Decodes the JSON of a success.
  func decode<Value: Decodable>(_ type: Value.Type, _ answer: Answer<[UInt8]>) throws(KubernetesError) -> Answer<Value>
  {
    do {
      return Answer<Value>(value: try JSON.decode(type, answer.value), metadata: answer.metadata)
    } catch {
      guard answer.value.first(where: { !Self.isBlank($0) }) == UInt8(ascii: "{") else {
        throw notKubernetes(HTTPResponse(status: answer.metadata.status, body: answer.value))
      }
      throw KubernetesError(
        .undecodable,
        "cannot \(request.phrase): the answer of \(printable(connection.server)) cannot be read: \(JSON.explain(error))",
        nextStep: "See that the server is a Kubernetes API server of a version that this program knows",
        httpStatus: answer.metadata.status)
    }
  }

  static func metadata(_ response: HTTPResponse) -> ResponseMetadata {
    ResponseMetadata(
      status: response.status, serverDate: response.headers["Date"].flatMap(Timestamp.http),
      warnings: response.headers.values("Warning").flatMap(warnings(in:)))
  }

  /// The texts of a Warning header (RFC 7234, section 5.5): `299 - "text", 299 - "another"`. Codes but 299 are not the API's.
  static func warnings(in header: String) -> [String] {
    var texts: [String] = []
    var rest = header[...]
    while let open = rest.firstIndex(of: "\"") {
      let code = rest[..<open].drop { $0 == "," || $0 == " " }.prefix { $0 != " " }
      var text = ""
      var index = rest.index(after: open)
      while index < rest.endIndex, rest[index] != "\"" {
        if rest[index] == "\\", rest.index(after: index) < rest.endIndex { index = rest.index(after: index) }
        text.append(rest[index])
        index = rest.index(after: index)
      }
      if code == "299" { texts.append(printable(text, limit: 1_000)) }
      rest = index < rest.endIndex ? rest[rest.index(after: index)...] : ""
      // A date may follow in quotes of its own.
      let next = rest.drop { $0 == " " }
      if next.first == "\"", let end = next.dropFirst().firstIndex(of: "\"") { rest = next[next.index(after: end)...] }
    }
    return texts
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  private func looksLikePage(_ response: HTTPResponse) -> Bool {
    if request.action.subresource == "log" && response.status == 200 { return false }
    return response.headers["Content-Type"]?.lowercased().hasPrefix("text/html") == true
      || response.body.first { !Self.isBlank($0) } == UInt8(ascii: "<")
  }

  func notKubernetes(_ response: HTTPResponse) -> KubernetesError {
    var text =
      "cannot \(request.phrase): \(printable(connection.server)) answers with HTTP status \(response.status)"
    if let place = response.headers["Location"] {
      text += ", sends us on to \(printable(Self.withoutQuery(place), limit: 200))"
    }
    let kind = response.headers["Content-Type"].map { " (\(printable($0, limit: 60)))" } ?? ""
    let body = String(decoding: response.body.prefix(2_000), as: UTF8.self)
    let begin = printable(looksLikePage(response) ? Self.withoutTags(body) : body, limit: 120)
    text += begin.isEmpty ? " and no body" : " and no Kubernetes answer\(kind): \(begin)"
    return KubernetesError(
      .notKubernetes, text,
      nextStep: "A proxy or a login page may answer in the cluster's place. Check the server's URL with its path, "
        + "HTTPS_PROXY and NO_PROXY, and log in again",
      httpStatus: response.status)
  }

  /// What a person sees of a page, as far as that is worth the trouble: tags become blanks.
  private static func withoutTags(_ page: String) -> String {
    var text = ""
    var isInTag = false
    for character in page {
      if character == "<" { isInTag = true } else if !isInTag { text.append(character) }
      if character == ">", isInTag {
        isInTag = false
        text += " "
      }
    }
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private static func withoutQuery(_ url: String) -> String { String(url.prefix { $0 != "?" && $0 != "#" }) }
}
