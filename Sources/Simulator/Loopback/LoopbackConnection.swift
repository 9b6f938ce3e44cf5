internal import FlyingSocks
internal import FoundationEssentials

/// What a simulated server sends.
struct LoopbackAnswer: Sendable {
  enum Body: Sendable {
    case bytes([UInt8])
    /// Sent while it is made, one chunk each.
    case stream(AsyncStream<[UInt8]>)
    /// The first half of these bytes; then the connection ends.
    case cut([UInt8])
  }

  var status: Int
  var headers: [(name: String, value: String)]
  var body: Body
}

/// One connection of a simulated server: requests are read and answered one after the other (RFC 9112).
struct LoopbackConnection {
  private let socket: AsyncSocket
  /// What has come and is not read yet.
  private var buffer: [UInt8] = []

  /// Serves the connection to its end.
  static func serve(_ socket: AsyncSocket, _ answer: LoopbackListener.Handler) async {
    var connection = LoopbackConnection(socket: socket)
    do {
      var isLast = false
      while !isLast {
        let head = try await connection.head()
        let body = try await connection.body(head)
        guard let given = try await answer(LoopbackRequest(head, body: body)) else { break }
        try await connection.send(given, to: head)
        isLast = head.isLast
      }
    } catch {
      // The peer has gone, it speaks no HTTP, or the server stops: each ends the connection.
    }
    // Nobody is left to be told.
    try? socket.close()
  }

  private init(socket: AsyncSocket) { self.socket = socket }

  // MARK: Reading

  private mutating func head() async throws -> RequestHead {
    var lines: [String] = []
    while true {
      let line = try await line()
      if !line.isEmpty {
        lines.append(line)
      } else if !lines.isEmpty {
        return try RequestHead(lines)
      }
    }
  }

  private mutating func body(_ head: RequestHead) async throws -> [UInt8] {
    if head.headers["expect"]?.lowercased() == "100-continue" { try await write("HTTP/1.1 100 Continue\r\n\r\n") }
    switch try head.framing() {
    case .length(let count): return try await bytes(count)
    case .chunked:
      var body: [UInt8] = []
      while true {
        let size = try RequestHead.chunkSize(try await line())
        guard size > 0 else { break }
        body += try await bytes(size)
        _ = try await line()
      }
      // Trailers.
      while try await !line().isEmpty {}
      return body
    }
  }

  /// The next line, without its end.
  private mutating func line() async throws -> String {
    while true {
      if let end = buffer.firstIndex(of: 0x0A) {
        let line = buffer[..<end]
        let text = String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
        buffer.removeFirst(end + 1)
        return text
      }
      guard buffer.count < 64 << 10 else { throw RequestHead.Malformed() }
      buffer += try await socket.read(atMost: 4096)
    }
  }

  private mutating func bytes(_ count: Int) async throws -> [UInt8] {
    while buffer.count < count { buffer += try await socket.read(atMost: count - buffer.count) }
    let bytes = Array(buffer.prefix(count))
    buffer.removeFirst(count)
    return bytes
  }

  // MARK: Writing

  private func send(_ answer: LoopbackAnswer, to request: RequestHead) async throws {
    var head = "HTTP/1.1 \(answer.status) \(Self.phrases[answer.status] ?? "Status")\r\n"
    for (name, value) in answer.headers { head += "\(name): \(value)\r\n" }
    if request.isLast { head += "Connection: close\r\n" }
    // The length is that of the body a GET would have had.
    let hasBody = request.method != "HEAD"
    switch answer.body {
    case .bytes(let bytes):
      if answer.status != 204 { head += "Content-Length: \(bytes.count)\r\n" }
      try await write("\(head)\r\n", hasBody ? bytes : [])
    case .cut(let bytes):
      try await write("\(head)Content-Length: \(max(1, bytes.count))\r\n\r\n", Array(bytes.prefix(bytes.count / 2)))
      throw SocketError.disconnected
    case .stream(let chunks):
      // Without chunks the end of the connection is the end of the body.
      let isChunked = !request.isLast
      try await write("\(head)\(isChunked ? "Transfer-Encoding: chunked\r\n" : "")\r\n")
      guard hasBody else { return }
      for await chunk in chunks where !chunk.isEmpty {
        try await write(
          isChunked ? "\(String(chunk.count, radix: 16))\r\n" : "", chunk + (isChunked ? [0x0D, 0x0A] : []))
      }
      if isChunked { try await write("0\r\n\r\n") }
    }
  }

  private func write(_ text: String, _ bytes: [UInt8] = []) async throws {
    try await socket.write(Data(text.utf8) + bytes)
  }

  private static let phrases = [
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 308: "Permanent Redirect", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 410: "Gone",
    415: "Unsupported Media Type", 422: "Unprocessable Entity", 429: "Too Many Requests", 500: "Internal Server Error",
    502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
  ]
}

extension LoopbackRequest {
  init(_ head: RequestHead, body: [UInt8]) {
    let parts = head.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(
      method: head.method, path: String(parts[0]), rawQuery: parts.count > 1 ? String(parts[1]) : "",
      headers: head.headers, body: body)
  }
}
