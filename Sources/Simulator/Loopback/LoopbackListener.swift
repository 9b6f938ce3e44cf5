internal import FlyingSocks
internal import Glibc

/// An HTTP/1.1 server on a free port of 127.0.0.1, which hands every request to a closure. It is our own because
/// FlyingFox's, over whose sockets it stands, brings Foundation and URLSession into the program: 45 MB and libcurl.
actor LoopbackListener {
  /// Gives the answer; nil or an error closes the connection without one.
  typealias Handler = @Sendable (LoopbackRequest) async throws -> LoopbackAnswer?

  private var running: Task<Void, Never>?

  /// Starts to listen; gives the port.
  func start(_ answer: @escaping Handler) async throws -> UInt16 {
    let pool = SocketPool.make()
    try await pool.prepare()
    let socket = try Socket(domain: AF_INET)
    do {
      try socket.bind(to: .inet(ip4: "127.0.0.1", port: 0))
      try socket.listen()
      guard case .ip4(_, let port) = try socket.sockname() else { throw SocketError.unsupportedAddress }
      let listening = try AsyncSocket(socket: socket, pool: pool)
      running = Task { await Self.run(listening, pool, answer) }
      return port
    } catch {
      try socket.close()
      throw error
    }
  }

  /// Stops to listen and closes every connection.
  func stop() async {
    running?.cancel()
    await running?.value
    running = nil
  }

  @concurrent
  private static func run(
    _ socket: AsyncSocket, _ pool: some AsyncSocketPool, _ answer: @escaping Handler
  ) async {
    do {
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await pool.run() }
        for try await connection in socket.sockets {
          group.addTask { await LoopbackConnection.serve(connection, answer) }
        }
      }
    } catch {
      // Stopped.
    }
    // Nobody is left to be told.
    try? socket.close()
  }
}
