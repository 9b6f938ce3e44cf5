import FoundationEssentials
import Subprocess
import SystemPackage

/// Cloud programs for a test's PATH: stand-ins for `az`, `gcloud` and `eksctl` (`Tests/Support/cloud`) that answer from a
/// state the test seeds, and the real `aws`. Every call is logged.
///
/// ```swift
/// try await CloudStandIns.with(["az", "kubectl"], state: #"{"az": {…}}"#) { cloud in
///   // run something with cloud.environment
///   #expect(try cloud.calls().map(\.program) == ["az"])
/// }
/// ```
public struct CloudStandIns: Sendable {
  /// One line of the log.
  public struct Call: Sendable, Decodable, Equatable {
    /// `az`, `gcloud`, `eksctl` or `aws`.
    public let program: String
    /// The arguments, without the program's name.
    public let argv: [String]
    /// The SHA-256 of what stood on stdin in hexadecimal digits; nil: nothing.
    public let stdin: String?
    /// The names of those variables that cloud programs read or that sound secret; never their values.
    public let environment: [String]
  }

  /// Where the programs stand.
  static let folder = #filePath.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/cloud"
  private let directory: ScratchDirectory

  /// The folder for PATH: links to the programs that were asked for and no others.
  public var bin: String { directory.file("bin") }
  /// The file of the state.
  public var statePath: String { directory.file("state.json") }
  /// PATH with `bin` before the system's folders, and the variables that name state and log.
  public var environment: [String: String] {
    [
      "PATH": "\(bin):/usr/local/bin:/usr/bin:/bin", "HOME": directory.path,
      "MLOPS_SETUP_CLOUD_LOG": directory.file("log"), "MLOPS_SETUP_CLOUD_STATE": directory.file("state.json"),
    ]
  }

  /// Runs `body` with a bin folder, a log and a state of its own, which are removed afterwards.
  ///
  /// - Parameters:
  ///   - programs: Which of `az`, `gcloud`, `eksctl` and `aws` are there.
  ///   - state: The JSON object that the stand-ins begin with: an entry a program, described at each program's head.
  public static func with<Result>(
    _ programs: [String] = ["az", "gcloud", "eksctl", "aws"], state: String = "{}",
    _ body: (CloudStandIns) async throws -> Result
  ) async throws -> Result {
    let directory = try ScratchDirectory("cloud")
    defer { directory.remove() }
    let standIns = CloudStandIns(directory: directory)
    try FileManager.default.createDirectory(atPath: standIns.bin, withIntermediateDirectories: false)
    for program in programs {
      try FileManager.default.createSymbolicLink(
        atPath: "\(standIns.bin)/\(program)", withDestinationPath: "\(folder)/\(program)")
    }
    try directory.write("", to: "log")
    try standIns.seed(state)
    return try await body(standIns)
  }

  /// Replaces the whole state.
  public func seed(_ state: String) throws { try directory.write(state, to: "state.json") }

  /// The state as the programs left it: a JSON object, read as any type that decodes from it.
  public func state<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(try directory.read("state.json")))
  }

  /// The state's text.
  public func stateText() throws -> String { String(decoding: try directory.read("state.json"), as: UTF8.self) }

  /// The calls so far, in the order they came.
  public func calls() throws -> [Call] {
    try String(decoding: try directory.read("log"), as: UTF8.self).split(separator: "\n").map {
      try JSONDecoder().decode(Call.self, from: Data($0.utf8))
    }
  }

  /// The calls of one program, as a user would have typed them.
  public func lines(_ program: String) throws -> [String] {
    try calls().filter { $0.program == program }.map { ([program] + $0.argv).joined(separator: " ") }
  }

  /// Calls one of the programs with the environment above and more; any ending is an outcome.
  public func call(
    _ program: String, _ arguments: String..., environment more: [String: String] = [:], input: String = ""
  ) async throws -> MotoServer.Outcome {
    try await Self.run("\(bin)/\(program)", arguments, environment: environment.merging(more) { $1 }, input: input)
  }

  static func run(
    _ path: String, _ arguments: [String], environment: [String: String], input: String
  ) async throws -> MotoServer.Outcome {
    let variables = environment.reduce(into: [Environment.Key: String]()) { variables, entry in
      if let key = Environment.Key(rawValue: entry.key) { variables[key] = entry.value }
    }
    let result = try await Subprocess.run(
      .path(FilePath(path)), arguments: Arguments(arguments), environment: .custom(variables), input: .string(input),
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    guard case .exited(let status) = result.terminationStatus else {
      throw TestSupportError("\(path) was ended by a signal: \(result.terminationStatus)")
    }
    return MotoServer.Outcome(status: status, output: result.standardOutput, error: result.standardError)
  }
}
