import FoundationEssentials
import Glibc

/// The real registry (`docker-registry` 2.8) that a test starts on a free loopback port.
public struct DockerRegistry: Sendable {
  /// What is served and how.
  public struct Configuration: Sendable {
    /// The lines of an htpasswd file with bcrypt hashes (`htpasswd -nbB USER PASSWORD`); nil: open to anyone.
    public var htpasswd: String?
    /// The certificate and its key in PEM files; nil: plain http.
    public var tls: (certificatePath: String, keyPath: String)?
    /// Every write is refused with status 405.
    public var isReadOnly: Bool

    /// An open registry over plain http, unless it is told otherwise.
    public init(
      htpasswd: String? = nil, tls: (certificatePath: String, keyPath: String)? = nil, isReadOnly: Bool = false
    ) {
      self.htpasswd = htpasswd
      self.tls = tls
      self.isReadOnly = isReadOnly
    }
  }

  /// The port on 127.0.0.1.
  public let port: Int
  /// `127.0.0.1:PORT`, as it stands in image references.
  public var host: String { "127.0.0.1:\(port)" }
  private let pid: pid_t
  private let directory: ScratchDirectory

  /// Runs `body` while the registry runs.
  public static func run<Result>(
    _ configuration: Configuration = Configuration(), _ body: (DockerRegistry) async throws -> Result
  ) async throws -> Result {
    let registry = try await start(configuration)
    do {
      let result = try await body(registry)
      await registry.stop()
      return result
    } catch {
      await registry.stop()
      throw error
    }
  }

  /// Starts it and waits until it accepts connections; `stop()` is to be called in any case.
  public static func start(_ configuration: Configuration = Configuration()) async throws -> DockerRegistry {
    let program = try TestProgram("docker-registry", debianPackage: "docker-registry")
    let directory = try ScratchDirectory("docker-registry")
    do {
      // Another process may take the port between the look and the start.
      for _ in 0..<5 {
        let port = try NginxFront.freePort()
        try directory.write(configuration.htpasswd.map { $0 + "\n" } ?? "", to: "htpasswd")
        try directory.write(text(configuration, port: port, directory: directory), to: "config.yml")
        let pid = try spawn(
          program.path, ["serve", directory.file("config.yml")], log: directory.file("log"))
        if await answers(port: port, pid: pid) {
          return DockerRegistry(port: port, pid: pid, directory: directory)
        }
      }
      throw TestSupportError(
        "docker-registry does not start: \(String(decoding: try directory.read("log").suffix(1000), as: UTF8.self))")
    } catch {
      directory.remove()
      throw error
    }
  }

  /// Ends this registry by its process id and removes its files.
  public func stop() async {
    await Self.end(pid)
    directory.remove()
  }

  /// What it wrote to its log.
  public func log() throws -> String { String(decoding: try directory.read("log"), as: UTF8.self) }

  private static func text(_ configuration: Configuration, port: Int, directory: ScratchDirectory) -> String {
    var lines = [
      "version: 0.1",
      "log: {level: info, accesslog: {disabled: true}}",
      "storage:",
      "  filesystem: {rootdirectory: \(directory.file("storage"))}",
    ]
    if configuration.isReadOnly { lines.append("  maintenance: {readonly: {enabled: true}}") }
    if configuration.htpasswd != nil {
      lines.append("auth: {htpasswd: {realm: Test Registry, path: \(directory.file("htpasswd"))}}")
    }
    lines += ["http:", "  addr: 127.0.0.1:\(port)"]
    if let tls = configuration.tls {
      lines.append("  tls: {certificate: \(tls.certificatePath), key: \(tls.keyPath)}")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func spawn(_ path: String, _ arguments: [String], log: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    // Nothing of the test's own environment: variables named REGISTRY_… would change the configuration.
    var environment: [UnsafeMutablePointer<CChar>?] = [nil]
    var pid: pid_t = 0
    let status = posix_spawn(&pid, path, &actions, nil, &words, &environment)
    guard status == 0 else { throw TestSupportError("\(path) cannot be started: \(String(cString: strerror(status)))") }
    return pid
  }

  private static func answers(port: Int, pid: pid_t) async -> Bool {
    for _ in 0..<500 {
      if waitpid(pid, nil, WNOHANG) != 0 { return false }
      if accepts(port: port) { return true }
      do { try await Task.sleep(for: .milliseconds(20)) } catch { break }
    }
    await end(pid)
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

  private static func end(_ pid: pid_t) async {
    kill(pid, SIGTERM)
    for round in 0..<250 {
      if waitpid(pid, nil, WNOHANG) != 0 { return }
      if round == 200 { kill(pid, SIGKILL) }
      do { try await Task.sleep(for: .milliseconds(20)) } catch { kill(pid, SIGKILL) }
    }
  }
}
