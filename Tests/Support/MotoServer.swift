import FoundationEssentials
import Subprocess
import SystemPackage

/// AWS on a free loopback port, for the real AWS CLI: the moto server with EKS add-ons and Pod Identity associations added
/// (`Tests/Support/cloud/moto-server`). Account 123456789012; any key is taken.
///
/// It starts in 0.5 s; a call of the CLI takes 0.3 s. The CLI is version 1, the one that PyPI has: it ends with 255 where a
/// service refuses and with 2 where it was called wrongly; version 2 ends with 254 and 252.
///
/// ```swift
/// try await MotoServer.run { aws in
///   let made = try await aws.call("ecr", "create-repository", "--repository-name", "mlops/frozen-models")
/// }
/// ```
public struct MotoServer: TestServer {
  /// What a program wrote and how it ended.
  public struct Outcome: Sendable {
    /// The exit status.
    public let status: Int32
    /// What it wrote to stdout.
    public let output: String
    /// What it wrote to stderr.
    public let error: String
  }

  /// An operation that is to fail, as a service would fail it.
  public struct Failure: Sendable, Encodable {
    let operation: String
    let status: Int
    let code: String
    let message: String

    /// - Parameters:
    ///   - operation: The API's name, `CreateRepository`; the same in every service.
    ///   - code: The error's code, `AccessDeniedException`.
    public init(_ operation: String, status: Int = 400, code: String, message: String) {
      self.operation = operation
      self.status = status
      self.code = code
      self.message = message
    }
  }

  /// The account that moto knows.
  public static let account = "123456789012"
  /// The port on 127.0.0.1.
  public var port: Int { process.port }
  /// The region that the environment names.
  public let region: String
  private let process: ServerProcess

  /// The launcher of the real AWS CLI; it stands in the log of `CloudStandIns` where the environment names one.
  public static let cli = CloudStandIns.folder + "/aws"

  /// What the CLI needs to find this server, and nothing of the user's own.
  public var environment: [String: String] {
    [
      "AWS_ENDPOINT_URL": "http://127.0.0.1:\(port)", "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
      "AWS_SECRET_ACCESS_KEY": "not-a-secret", "AWS_DEFAULT_REGION": region,
      "AWS_CONFIG_FILE": process.directory.file("config"),
      "AWS_SHARED_CREDENTIALS_FILE": process.directory.file("credentials"),
      "AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true", "HOME": process.directory.path, "NO_PROXY": "127.0.0.1",
    ]
  }

  /// Runs `body` while the server runs.
  public static func run<Result>(
    region: String = "eu-central-1", _ body: (MotoServer) async throws -> Result
  ) async throws -> Result {
    try await start(region: region).during(body)
  }

  /// Starts it and waits until it accepts connections; `stop()` is to be called in any case.
  public static func start(region: String = "eu-central-1") async throws -> MotoServer {
    let directory = try ScratchDirectory("moto")
    let process = try await ServerProcess.start(
      CloudStandIns.folder + "/moto-server", in: directory,
      environment: ["PATH": "/usr/bin:/bin", "HOME": directory.path]
    ) { ["\($0)"] }
    return MotoServer(region: region, process: process)
  }

  /// Ends this server by its process id and removes its files.
  public func stop() async { await process.stop() }

  /// What it wrote to its log: a line a request.
  public func log() throws -> String { try process.log() }

  /// Calls the CLI; any ending is an outcome.
  public func call(_ arguments: String..., input: String = "") async throws -> Outcome {
    try await CloudStandIns.run(
      Self.cli, arguments, environment: environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }, input: input)
  }

  /// From now on these operations fail, and no others.
  public func fail(_ failures: [Failure]) async throws {
    let body = String(decoding: try JSONEncoder().encode(failures), as: UTF8.self)
    let curl = try TestProgram("curl", debianPackage: "curl")
    try await curl.run(
      ["--fail", "--silent", "--show-error", "--noproxy", "*", "--request", "PUT", "--data-binary", "@-"]
        + ["http://127.0.0.1:\(port)/stand-in/failures"], input: body)
  }
}
