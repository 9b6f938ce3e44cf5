import FoundationEssentials
import Subprocess
import SystemPackage

/// A message that a failing test shows.
public struct TestSupportError: Error, CustomStringConvertible {
  /// What was tried and what is to be done.
  public let description: String

  /// An error with its message.
  public init(_ description: String) { self.description = description }
}

/// A program that tests need and that a machine may lack.
public struct TestProgram: Sendable {
  /// The absolute path.
  public let path: String

  /// Looks where Debian puts it; the error names the package to install.
  public init(_ name: String, debianPackage: String) throws {
    let places = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin"]
    guard let place = places.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }) else {
      throw TestSupportError("this test needs \(name): apt-get install \(debianPackage)")
    }
    path = "\(place)/\(name)"
  }

  /// Helm's own engine behind a launcher, for PATH; scripts/test says where it is.
  public static let helmFolder =
    ProcessInfo.processInfo.environment["MLOPS_SETUP_TEST_HELM"]
    ?? #filePath.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/helm"

  /// Helm's own engine.
  public static let helm = TestProgram(at: helmFolder + "/helm")

  private init(at path: String) { self.path = path }

  /// Runs it to its end; a status other than 0 is an error with what it wrote.
  @discardableResult
  public func run(_ arguments: [String], input: String = "") async throws -> String {
    let result = try await Subprocess.run(
      .path(FilePath(path)), arguments: Arguments(arguments), input: .string(input), output: .string(limit: 1 << 20),
      error: .string(limit: 1 << 20))
    guard case .exited(0) = result.terminationStatus else {
      throw TestSupportError(
        "\(path) \(arguments.joined(separator: " ")): \(result.terminationStatus) \(result.standardError)")
    }
    return result.standardOutput
  }
}
