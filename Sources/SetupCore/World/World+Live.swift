import FoundationEssentials
import Glibc
public import HTTP

extension World {
  /// The real world.
  public static func live(http: any HTTPTransport) -> World {
    let environment = ProcessInfo.processInfo.environment
    return World(
      environment: environment, homeDirectory: environment["HOME"] ?? "/",
      workingDirectory: FileManager.default.currentDirectoryPath, files: .live,
      processes: .live(environment: environment), http: http, now: { Date.now },
      sleep: { try await Task.sleep(for: $0) }, hasTerminal: isatty(0) == 1 && isatty(1) == 1)
  }
}
