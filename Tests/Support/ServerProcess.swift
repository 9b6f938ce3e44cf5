import FoundationEssentials
import Glibc

/// A server that a test starts as a child process and ends by its process id; its output goes to a file.
struct ServerProcess: Sendable {
  let pid: pid_t

  /// Starts `path` with exactly this environment on a free loopback port and waits until the port accepts connections.
  ///
  /// - Parameter arguments: Makes the arguments, and any files, for a port. Called anew where another process took the
  ///   port between the look and the start.
  static func start(
    _ path: String, environment: [String: String] = [:], log: String, arguments: (_ port: Int) throws -> [String]
  ) async throws -> (process: ServerProcess, port: Int) {
    for _ in 0..<5 {
      let port = try NginxFront.freePort()
      let process = ServerProcess(pid: try spawn(path, try arguments(port), environment, log: log))
      if await process.answers(on: port) { return (process, port) }
    }
    let said = FileManager.default.contents(atPath: log)?.suffix(1000) ?? Data()
    throw TestSupportError("\(path) does not start: \(String(decoding: said, as: UTF8.self))")
  }

  /// Ends it, by force after four seconds.
  func stop() async {
    kill(pid, SIGTERM)
    for round in 0..<250 {
      if waitpid(pid, nil, WNOHANG) != 0 { return }
      if round == 200 { kill(pid, SIGKILL) }
      do { try await Task.sleep(for: .milliseconds(20)) } catch { kill(pid, SIGKILL) }
    }
  }

  private static func spawn(
    _ path: String, _ arguments: [String], _ environment: [String: String], log: String
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // The threads of a test block signals, and a child would begin with them blocked: SIGTERM would not end it.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in words + variables { free(word) } }
    var pid: pid_t = 0
    let status = posix_spawn(&pid, path, &actions, &attributes, &words, &variables)
    guard status == 0 else { throw TestSupportError("\(path) cannot be started: \(String(cString: strerror(status)))") }
    return pid
  }

  private func answers(on port: Int) async -> Bool {
    for _ in 0..<500 {
      if waitpid(pid, nil, WNOHANG) != 0 { return false }
      if Self.accepts(port: port) { return true }
      do { try await Task.sleep(for: .milliseconds(20)) } catch { break }
    }
    await stop()
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
