import Glibc

/// A server that a test starts as a child process and ends by its process id, with a directory of its own.
struct ServerProcess: Sendable {
  /// Its port on 127.0.0.1.
  let port: Int
  /// Where its files are, which go with it.
  let directory: ScratchDirectory
  private let pid: pid_t
  private let logFile: String

  /// Starts `path` with exactly this environment on a free loopback port and waits until the port accepts connections.
  /// Where that fails, the directory is removed.
  ///
  /// - Parameters:
  ///   - log: The file in the directory that its output goes to.
  ///   - arguments: Makes the arguments, and any files, for a port. Called anew where another process took the port
  ///     between the look and the start.
  static func start(
    _ path: String, in directory: ScratchDirectory, environment: [String: String] = [:], log: String = "log",
    arguments: (_ port: Int) async throws -> [String]
  ) async throws -> ServerProcess {
    do {
      for _ in 0..<5 {
        let port = try NginxFront.freePort()
        let pid = try SpawnedProcess.start(
          path, try await arguments(port), environment: environment, log: directory.file(log))
        let process = ServerProcess(port: port, directory: directory, pid: pid, logFile: log)
        if await process.answers() { return process }
      }
      let said = String(decoding: try directory.read(log).suffix(1000), as: UTF8.self)
      throw TestSupportError("\(path) does not start: \(said)")
    } catch {
      directory.remove()
      throw error
    }
  }

  /// Ends it, by force after four seconds, and removes its files.
  func stop() async {
    await end()
    directory.remove()
  }

  /// What it wrote to its log.
  func log() throws -> String { String(decoding: try directory.read(logFile), as: UTF8.self) }

  private func end() async {
    kill(pid, SIGTERM)
    for round in 0..<250 {
      if waitpid(pid, nil, WNOHANG) != 0 { return }
      if round == 200 { kill(pid, SIGKILL) }
      do { try await Task.sleep(for: .milliseconds(20)) } catch { kill(pid, SIGKILL) }
    }
  }

  private func answers() async -> Bool {
    for _ in 0..<500 {
      if waitpid(pid, nil, WNOHANG) != 0 { return false }
      if Self.accepts(port: port) { return true }
      do { try await Task.sleep(for: .milliseconds(20)) } catch { break }
    }
    await end()
    return false
  }

  private static func accepts(port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) == 0 }
    }
  }
}

/// A server that a test has started, and has to stop.
public protocol TestServer: Sendable {
  /// Ends it by its process id and removes its files.
  func stop() async
}

extension TestServer {
  /// Runs `body` and stops, however that ends.
  func during<Result>(_ body: (Self) async throws -> Result) async throws -> Result {
    do {
      let result = try await body(self)
      await stop()
      return result
    } catch {
      await stop()
      throw error
    }
  }
}
