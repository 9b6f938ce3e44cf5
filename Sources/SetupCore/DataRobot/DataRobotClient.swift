internal import FoundationEssentials
public import HTTP
import Text

/// A client of the few parts of DataRobot's public API (v2) that an installation needs.
///
/// Neither printing nor a mirror shows the API token.
public struct DataRobotClient: Sendable {
  /// Where DataRobot is.
  public let endpoint: DataRobotEndpoint
  private let transport: any HTTPTransport
  private let token: String
  private let tls: TLSOptions

  /// A client; `token` is an API key from the page `endpoint.tokenPage`.
  public init(
    transport: any HTTPTransport, endpoint: DataRobotEndpoint, token: String, tls: TLSOptions = TLSOptions()
  ) {
    self.transport = transport
    self.endpoint = endpoint
    self.token = token
    self.tls = tls
  }

  /// DataRobot's version. It is also the check of the token: a wrong one is `.unauthorized`.
  public func version() async throws(DataRobotError) -> DataRobotVersion {
    try await get("version/", tried: "asked for the version")
  }

  /// Whose token it is.
  public func account() async throws(DataRobotError) -> DataRobotAccount {
    try await get("account/info/", tried: "asked for the account")
  }

  /// A prediction environment by its id of 24 hexadecimal digits.
  public func predictionEnvironment(_ id: String) async throws(DataRobotError) -> PredictionEnvironment {
    guard id.utf8.count == 24, id.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
      throw DataRobotError(
        code: .invalidRequest, message: "\"\(OutsideText.clean(id))\" is no id of a prediction environment",
        nextStep: "copy the 24 hexadecimal digits from the environment's page in DataRobot")
    }
    return try await get("predictionEnvironments/\(id)/", tried: "asked for the prediction environment \(id)")
  }

  /// All prediction environments that the token's owner may see, at most 100 pages of them.
  public func predictionEnvironments() async throws(DataRobotError) -> [PredictionEnvironment] {
    let tried = "asked for the prediction environments"
    var result: [PredictionEnvironment] = []
    var url = endpoint.api + "predictionEnvironments/"
    var seen: Set<String> = []
    while seen.insert(url).inserted, seen.count <= 100 {
      let page: Page = try decode(try await send(HTTPRequest(url: url), tried: tried), tried: tried)
      result += page.data ?? []
      guard let next = page.next, !next.isEmpty else { break }
      if next.hasPrefix("/") {
        url = endpoint.origin + next
      } else if DataRobotEndpoint.origin(next[...]).lowercased() == endpoint.origin {
        url = next
      } else {
        throw DataRobotError(
          code: .notDataRobot,
          message: "\(tried) at \(endpoint): the next page lies at another host, the token was not sent there",
          nextStep: "check that the DataRobot address is the one DataRobot itself uses")
      }
    }
    return result
  }

  /// Makes a prediction environment.
  public func createPredictionEnvironment(
    _ new: NewPredictionEnvironment
  ) async throws(DataRobotError) -> PredictionEnvironment {
    let tried = "tried to create the prediction environment \"\(OutsideText.clean(new.name))\""
    let body: [UInt8]
    do {
      body = Array(try JSONEncoder().encode(new))
    } catch {
      throw DataRobotError(code: .invalidRequest, message: "\(tried): it cannot be written as JSON")
    }
    let response = try await send(
      HTTPRequest(
        method: "POST", url: endpoint.api + "predictionEnvironments/", headers: ["Content-Type": "application/json"],
        body: body), tried: tried)
    return try decode(response, tried: tried)
  }

  /// Deletes a prediction environment.
  public func deletePredictionEnvironment(_ id: String) async throws(DataRobotError) {
    _ = try await send(
      HTTPRequest(method: "DELETE", url: endpoint.api + "predictionEnvironments/\(id)/"),
      tried: "tried to delete the prediction environment \(OutsideText.clean(id))")
  }

  private struct Page: Decodable {
    var data: [PredictionEnvironment]?
    var next: String?
  }

  private struct Failure: Decodable {
    var message: String?
  }

  private func get<Value: Decodable>(_ path: String, tried: String) async throws(DataRobotError) -> Value {
    try decode(try await send(HTTPRequest(url: endpoint.api + path), tried: tried), tried: tried)
  }

  private func send(_ request: HTTPRequest, tried: String) async throws(DataRobotError) -> HTTPResponse {
    guard !token.isEmpty, token.utf8.allSatisfy({ 0x20 < $0 && $0 < 0x7f }) else {
      throw DataRobotError(
        code: .invalidToken, message: "the DataRobot API token is empty or has blanks or line ends in it",
        nextStep: "copy it again from \(endpoint.tokenPage)")
    }
    var request = request
    request.headers["Authorization"] = "Bearer \(token)"
    request.headers["Accept"] = "application/json"
    request.tls = tls
    request.maximumBodyBytes = 16 << 20
    let response: HTTPResponse
    do {
      response = try await transport.send(request)
    } catch let error as HTTPError {
      throw DataRobotError(
        code: error.code == .cancelled ? .cancelled : .transport, message: "\(tried) at \(endpoint): \(error.message)",
        nextStep: nextStep(error.code))
    } catch {
      throw DataRobotError(
        code: error is CancellationError ? .cancelled : .transport, message: "\(tried) at \(endpoint): \(error)")
    }
    if isHTML(response) {
      throw DataRobotError(
        code: .notDataRobot, message: "\(tried) at \(endpoint): a web page came back, status \(response.status)",
        nextStep: "check the DataRobot address, and that no proxy stands in front of it")
    }
    if (200...299).contains(response.status) { return response }
    throw refusal(response, tried: tried)
  }

  private func refusal(_ response: HTTPResponse, tried: String) -> DataRobotError {
    let said = explanation(response).map { " (\($0))" } ?? ""
    let message = "\(tried) at \(endpoint): status \(response.status)\(said)"
    switch response.status {
    case 401:
      return DataRobotError(
        code: .unauthorized, message: message, nextStep: "make a new API token at \(endpoint.tokenPage)")
    case 403:
      return DataRobotError(
        code: .forbidden, message: message, nextStep: "use the token of a user who may do this, or ask an administrator"
      )
    case 404:
      return DataRobotError(
        code: .notFound, message: message, nextStep: "check the id, and that the token's owner may see it")
    case 429:
      let wait = response.headers["Retry-After"].flatMap(Int.init).map { "try again in \($0) seconds" }
      return DataRobotError(code: .tooManyRequests, message: message, nextStep: wait ?? "try again later")
    case 500...599:
      return DataRobotError(code: .serverFailed, message: message, nextStep: "try again later")
    case 300...399:
      let target = response.headers["Location"].map { " to \(OutsideText.clean($0))" } ?? ""
      return DataRobotError(
        code: .notDataRobot, message: "\(message), a redirection\(target)",
        nextStep: "give the address that DataRobot itself answers at, with https://")
    default:
      return DataRobotError(code: .invalidRequest, message: message)
    }
  }

  private func explanation(_ response: HTTPResponse) -> String? {
    do {
      return try JSONDecoder().decode(Failure.self, from: Data(response.body)).message.map { OutsideText.clean($0) }
    } catch {
      return nil  // the status alone has to say it
    }
  }

  private func decode<Value: Decodable>(_ response: HTTPResponse, tried: String) throws(DataRobotError) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(response.body))
    } catch {
      throw DataRobotError(
        code: .notDataRobot, message: "\(tried) at \(endpoint): the answer is not the JSON that DataRobot's API gives",
        nextStep: "check the DataRobot address, and that no proxy stands in front of it")
    }
  }

  private func isHTML(_ response: HTTPResponse) -> Bool {
    if response.headers["Content-Type"]?.lowercased().hasPrefix("text/html") == true { return true }
    let start = String(decoding: response.body.prefix(256), as: UTF8.self).lowercased()
    return start.contains("<!doctype html") || start.contains("<html")
  }

  private func nextStep(_ code: HTTPError.Code) -> String? {
    switch code {
    case .certificateUntrusted:
      "DataRobot's certificate is signed by an authority this machine does not know: give its CA certificate"
    case .certificateExpired: "have DataRobot's certificate renewed, and check this machine's clock"
    case .certificateNameMismatch: "use a host name that stands in DataRobot's certificate"
    case .nameNotResolved: "check the host name and this machine's name servers"
    case .connectionRefused, .tlsFailed, .protocolFailed: "check the scheme, the host and the port"
    case .timedOut, .connectionFailed: "check that a firewall or a proxy lets this machine reach DataRobot"
    case .proxyFailed: "check HTTPS_PROXY and NO_PROXY"
    case .certificateAuthorityInvalid, .identityInvalid: "check the certificate files that were given"
    case .invalidURL, .tooLarge, .cancelled, .libraryMissing: nil
    }
  }
}

extension DataRobotClient: CustomStringConvertible, CustomReflectable {
  /// The address alone.
  public var description: String { "DataRobotClient(\(endpoint))" }
  /// Shows no members.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
