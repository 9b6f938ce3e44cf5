/// The address of a DataRobot: what people give is the web application's URL, with or without `/api/v2`.
public struct DataRobotEndpoint: Sendable, Hashable, CustomStringConvertible {
  /// Scheme and host, and the path the application lies under if there is one; no slash at the end.
  public let base: String

  /// Normalises an address; the error says what is wrong with it and shows the right form.
  public init(_ text: String) throws(DataRobotError) {
    func invalid(_ problem: String) -> DataRobotError {
      DataRobotError(
        code: .invalidEndpoint, message: "the DataRobot address \(problem)",
        nextStep: "give it as https://app.datarobot.com")
    }
    var rest = Substring(text)
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    if rest.isEmpty { throw invalid("is empty") }
    guard let separator = rest.firstRange(of: "://") else { throw invalid("has no scheme") }
    let scheme = rest[..<separator.lowerBound].lowercased()
    guard scheme == "https" || scheme == "http" else { throw invalid("begins with neither https:// nor http://") }
    rest = rest[separator.upperBound...]
    if rest.contains("?") || rest.contains("#") { throw invalid("has a query or a fragment") }
    let host = rest.prefix { $0 != "/" }
    if host.contains("@") { throw invalid("has a user name in it") }
    let isAllowed = { (scalar: Unicode.Scalar) in scalar.isASCII && scalar.value > 0x20 && scalar.value < 0x7f }
    guard !host.isEmpty, rest.unicodeScalars.allSatisfy(isAllowed) else { throw invalid("has no valid host name") }
    var path = rest[host.endIndex...]
    while path.hasSuffix("/") { path.removeLast() }
    if path.hasSuffix("/api/v2") { path = path.dropLast("/api/v2".count) }
    while path.hasSuffix("/") { path.removeLast() }
    base = "\(scheme)://\(host.lowercased())\(path)"
  }

  /// The API's root, with a slash at its end: `https://app.datarobot.com/api/v2/`.
  public var api: String { "\(base)/api/v2/" }

  /// The page on which API tokens are made.
  public var tokenPage: String { "\(base)/account/developer-tools" }

  /// Scheme, host and port: where the token may go.
  var origin: Substring { Self.origin(base[...]) }

  static func origin(_ url: Substring) -> Substring {
    guard let separator = url.firstRange(of: "://") else { return "" }
    let end = url[separator.upperBound...].firstIndex { "/?#".contains($0) } ?? url.endIndex
    return url[..<end]
  }

  /// The base.
  public var description: String { base }
}
