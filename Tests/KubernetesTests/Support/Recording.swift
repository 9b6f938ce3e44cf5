import FoundationEssentials
import HTTP
import Kubernetes

/// What a real API server (1.24) answered; see Tests/Fixtures/Kubernetes/recorded.
struct Recording: Decodable {
  struct Response: Decodable {
    var status: Int
    var headers: [String: String]
    var json: JSONValue?
    var text: String?
    var lines: [JSONValue]?
  }
  var response: Response

  static let folder =
    String(#filePath[..<#filePath.firstRange(of: "/KubernetesTests/")!.lowerBound])
    + "/Fixtures/Kubernetes"

  static func fixture(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: "\(folder)/\(path)")))
  }

  init(_ name: String) throws {
    self = try JSONDecoder().decode(Recording.self, from: Data(Self.fixture("recorded/\(name).json")))
  }

  var body: [UInt8] {
    get throws {
      if let json = response.json { return Array(try JSONEncoder().encode(json)) }
      if let lines = response.lines {
        return Array(try lines.map { try JSONEncoder().encode($0) + Data([10]) }.joined())
      }
      return Array((response.text ?? "").utf8)
    }
  }

  /// The answer as it came.
  static func reply(_ name: String) throws -> ScriptedTransport.Reply {
    let recording = try Recording(name)
    let headers = HTTPHeaders(recording.response.headers.map { .init(name: $0.key, value: $0.value) })
    return .answer(HTTPResponse(status: recording.response.status, headers: headers, body: try recording.body))
  }

  static func reply(_ name: String, headers: HTTPHeaders) throws -> ScriptedTransport.Reply {
    guard case .answer(var response) = try reply(name) else { throw ScriptedTransport.Exhausted() }
    response.headers.fields += headers.fields
    return .answer(response)
  }
}
