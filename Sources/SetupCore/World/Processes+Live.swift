import Glibc
import Subprocess
import SystemPackage

extension Processes {
  /// Real child processes, each in a session of its own, without a terminal, with this environment beneath their own.
  public static func live(environment: [String: String]) -> Processes {
    Processes(
      find: { name in find(name, path: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin") },
      run: { command in try await run(command, beneath: environment, follower: nil) },
      follow: { command, follower in try await run(command, beneath: environment, follower: follower) })
  }

  private static func find(_ name: String, path: String) -> String? {
    if name.contains("/") { return isProgram(name) ? name : nil }
    return path.split(separator: ":").map { "\($0)/\(name)" }.first(where: isProgram)
  }

  private static func isProgram(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
  }

  private static func run(
    _ command: ProcessCommand, beneath environment: [String: String], follower: Follower?
  ) async throws -> ProcessResult {
    var merged = environment.merging(command.environment) { $1 }
    if let terminal = command.terminal { merged["TERM"] = terminal }
    guard let path = find(command.executable, path: merged["PATH"] ?? "/usr/local/bin:/usr/bin:/bin") else {
      throw SetupError(
        .tool, "cannot run \(command.executable): no such program on PATH",
        next: "Install it, or add its folder to PATH.")
    }
    var options = PlatformOptions()
    options.createSession = true
    let configuration = Configuration(
      executable: .path(FilePath(path)), arguments: Arguments(command.arguments),
      environment: .custom(
        Dictionary(
          uniqueKeysWithValues: merged.compactMap { name, value in
            Environment.Key(rawValue: name).map { ($0, value) }
          })),
      workingDirectory: command.workingDirectory.map { FilePath($0) }, platformOptions: options)
    var attempts = 0
    while true {
      attempts += 1
      do {
        return try await ChildProcess(command, follower: follower).run(configuration)
      } catch let error as SubprocessError {
        // A program that was just written stays open for writing in a child of ours until that child is another program.
        guard error.underlyingError == .textFileBusy, attempts < 20 else {
          throw SetupError(.tool, "cannot run \(command.executable): \(error)")
        }
        try await Task.sleep(for: .milliseconds(50))
      }
    }
  }
}

/// The value of `work`, or nil when the deadline came first; then the work has been cancelled and has ended.
func firstOf<Value: Sendable>(
  _ work: @escaping @Sendable () async throws -> Value, deadline: Duration
) async throws -> Value? {
  try await withThrowingTaskGroup(of: Value?.self) { group in
    group.addTask { try await work() }
    group.addTask {
      try await Task.sleep(for: deadline)
      return nil
    }
    defer { group.cancelAll() }
    return try await group.next() ?? nil
  }
}
