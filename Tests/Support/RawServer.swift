import Dispatch
import Glibc
import Synchronization

/// A socket that listens on a free port of 127.0.0.1.
struct ListeningSocket: Sendable {
  let descriptor: Int32
  let port: Int

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw TestSupportError("socket: errno \(errno)") }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard bind(descriptor, address, length) == 0, listen(descriptor, 64) == 0 else { return Int32(-1) }
        return getsockname(descriptor, address, &length)
      }
    }
    guard code == 0 else {
      let number = errno
      Glibc.close(descriptor)
      throw TestSupportError("no port on 127.0.0.1: errno \(number)")
    }
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  func close() { Glibc.close(descriptor) }
}

/// Runs `body` on a thread of its own: what blocks has no place in a pool of few threads.
func startThread(_ body: @escaping @Sendable () -> Void) {
  final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  let code = pthread_create(
    &thread, nil,
    { argument in
      if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
      return nil
    }, Unmanaged.passRetained(Box(body)).toOpaque())
  precondition(code == 0, "no thread: \(code)")
  pthread_detach(thread)
}

/// A server that answers byte for byte what a test says, for answers that no proper server gives.
public final class RawServer: Sendable {
  /// The server's side of one connection. Its calls block.
  public struct Connection: Sendable {
    let descriptor: Int32

    /// What has come, at most 64 KiB; empty at the end.
    public func read() -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: 64 << 10)
      let count = recv(descriptor, &bytes, bytes.count, 0)
      return count > 0 ? Array(bytes[..<count]) : []
    }

    /// Reads until the end of a request's header; shorter when the peer closes.
    public func readHead() -> String {
      var bytes: [UInt8] = []
      var byte: UInt8 = 0
      while recv(descriptor, &byte, 1, 0) == 1 {
        bytes.append(byte)
        if bytes.suffix(4).elementsEqual([0x0D, 0x0A, 0x0D, 0x0A]) { break }
      }
      return String(decoding: bytes, as: UTF8.self)
    }

    /// Writes all; false: the peer has closed.
    @discardableResult
    public func write(_ bytes: [UInt8]) -> Bool {
      var sent = 0
      while sent < bytes.count {
        let count = bytes.withUnsafeBytes { buffer in
          send(descriptor, buffer.baseAddress.map { $0 + sent }, buffer.count - sent, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return false }
        sent += count
      }
      return true
    }

    /// Writes a text in UTF-8.
    @discardableResult
    public func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// Waits until the peer closes.
    public func waitForEnd() { while !read().isEmpty {} }

    /// Connects to another port of loopback and passes bytes both ways until either side ends.
    ///
    /// - Parameter limit: Told how many bytes this side has sent more, says how many of them may pass; fewer than that end
    ///   the tunnel.
    /// - Parameter answered: Told each time the other side has sent something.
    public func tunnel(
      toPort port: Int, limit: (@Sendable (Int) -> Int)? = nil, answered: (@Sendable () -> Void)? = nil
    ) {
      let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = UInt16(port).bigEndian
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      let code = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(other, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      guard code == 0 else {
        Glibc.close(other)
        return
      }
      let far = Connection(descriptor: other)
      // Each side's end ends the other.
      let isDone = DispatchSemaphore(value: 0)
      startThread {
        far.pass(to: self) { count in
          answered?()
          return count
        }
        isDone.signal()
      }
      pass(to: far, limit: limit)
      isDone.wait()
      Glibc.close(other)
    }

    private func pass(to target: Connection, limit: (@Sendable (Int) -> Int)? = nil) {
      while true {
        let bytes = read()
        let passing = limit?(bytes.count) ?? bytes.count
        if bytes.isEmpty || !target.write(Array(bytes.prefix(passing))) || passing < bytes.count { break }
      }
      shutdown(descriptor, Int32(SHUT_RDWR))
      shutdown(target.descriptor, Int32(SHUT_RDWR))
    }
  }

  /// The port on 127.0.0.1.
  public let port: Int
  private let listener: ListeningSocket
  private let count = Mutex(0)

  /// Listens; `serve` runs once for each connection, on a thread of its own, and the connection is closed after it.
  public init(_ serve: @escaping @Sendable (Connection) -> Void) throws {
    listener = try ListeningSocket()
    port = listener.port
    let descriptor = listener.descriptor
    startThread { [weak self] in
      while true {
        let client = accept(descriptor, nil, nil)
        guard client >= 0 else {
          if errno == EINTR || errno == ECONNABORTED { continue }
          break
        }
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        self?.count.withLock { $0 += 1 }
        startThread {
          serve(Connection(descriptor: client))
          Glibc.close(client)
        }
      }
      Glibc.close(descriptor)
    }
  }

  deinit { shutdown(listener.descriptor, Int32(SHUT_RDWR)) }

  /// How many connections were accepted.
  public var connections: Int { count.withLock { $0 } }

  /// Stops listening; open connections go on.
  public func stop() { shutdown(listener.descriptor, Int32(SHUT_RDWR)) }
}
