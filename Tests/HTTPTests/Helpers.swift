import HTTP
import Synchronization
import TestSupport
import Testing

/// A client that sees no environment of the machine.
func makeClient(environment: [String: String] = [:], streamBufferBytes: Int = 256 << 10) -> HTTPClient {
  HTTPClient(
    configuration: HTTPClient.Configuration(
      userAgent: "mlops-setup/test", environment: environment, streamBufferBytes: streamBufferBytes))
}

/// The error that `body` throws.
func failure(_ body: () async throws -> some Sendable) async throws -> HTTPError {
  do {
    let value = try await body()
    throw TestSupportError("an error was expected and \(value) came back")
  } catch let error as HTTPError {
    return error
  }
}

extension HTTPResponse {
  var text: String { String(decoding: body, as: UTF8.self) }
}

/// Keeps what the threads of a server see.
final class Record<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])
  func add(_ value: Value) { values.withLock { $0.append(value) } }
  var all: [Value] { values.withLock { $0 } }
}

/// A server that keeps each request's header and gives one answer, then closes.
func recordingServer(_ answer: String, into heads: Record<String>) throws -> RawServer {
  try RawServer { connection in
    heads.add(connection.readHead())
    connection.write(answer)
  }
}

/// Bytes that repeat every 64 KiB, made quickly also in a debug build.
func patternBytes(_ count: Int) -> [UInt8] {
  let piece = (0..<(64 << 10)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count + piece.count)
  while bytes.count < count { bytes += piece }
  bytes.removeLast(bytes.count - count)
  return bytes
}

/// The shortest of a few measurements: what else the machine does must not fail a test of time.
func fastest(of attempts: Int = 5, under limit: Duration, _ measure: () async throws -> Duration) async throws
  -> Duration
{
  var best = try await measure()
  for _ in 1..<attempts where best >= limit { best = min(best, try await measure()) }
  return best
}
