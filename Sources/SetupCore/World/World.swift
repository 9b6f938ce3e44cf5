public import FoundationEssentials
public import HTTP

/// The only door to the outside. Everything else is values in, values out, and is tested without it.
public struct World: Sendable {
  /// The process' environment.
  public var environment: [String: String]
  /// The home folder, for `~`.
  public var homeDirectory: String
  /// The folder that relative paths on the command line are relative to.
  public var workingDirectory: String
  /// Files and folders.
  public var files: Files
  /// Child processes.
  public var processes: Processes
  /// HTTP: the Kubernetes API, registries, DataRobot.
  public var http: any HTTPTransport
  /// The time.
  public var now: @Sendable () -> Date
  /// Waits; throws when the task is cancelled.
  public var sleep: @Sendable (Duration) async throws -> Void
  /// Whether a person sits at standard input and output.
  public var hasTerminal: Bool

  /// A world from its parts.
  public init(
    environment: [String: String], homeDirectory: String, workingDirectory: String, files: Files,
    processes: Processes, http: any HTTPTransport, now: @escaping @Sendable () -> Date,
    sleep: @escaping @Sendable (Duration) async throws -> Void, hasTerminal: Bool
  ) {
    self.environment = environment
    self.homeDirectory = homeDirectory
    self.workingDirectory = workingDirectory
    self.files = files
    self.processes = processes
    self.http = http
    self.now = now
    self.sleep = sleep
    self.hasTerminal = hasTerminal
  }
}

extension World {
  /// The absolute form of a path: `~` is the home folder, relative paths start at `base`.
  public func absolutePath(_ path: String, relativeTo base: String? = nil) -> String {
    if path == "~" { return homeDirectory }
    if path.hasPrefix("~/") { return homeDirectory + "/" + path.dropFirst(2) }
    if path.hasPrefix("/") { return path }
    let base = base.map { $0.isEmpty ? workingDirectory : absolutePath($0) } ?? workingDirectory
    let relative = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
    return relative.isEmpty || relative == "." ? base : base + "/" + relative
  }
}
