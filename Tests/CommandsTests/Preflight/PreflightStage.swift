import Commands
import HTTP
import SetupCore
import TestSupport

/// A world in memory with a kubeconfig of three contexts and an API server that answers what it is told to, and a
/// program that can be run in it.
struct PreflightStage {
  static let kubeconfig = """
    apiVersion: v1
    kind: Config
    current-context: prod
    clusters:
    - {name: prod, cluster: {server: "https://prod.example.com"}}
    - {name: staging, cluster: {server: "https://staging.example.com"}}
    - {name: broken, cluster: {server: "https://broken.example.com"}}
    users:
    - {name: admin, user: {token: cluster-token-55f1}}
    contexts:
    - {name: prod, context: {cluster: prod, user: admin}}
    - {name: staging, context: {cluster: staging, user: admin}}
    - {name: broken, context: {cluster: broken, user: admin}}
    """

  let files = MemoryFiles(["/home/admin/.kube/config": kubeconfig])
  var environment = ["LANG": "C.UTF-8"]
  /// What `helm version` says; nil: there is no helm.
  var helm: String? = "v3.21.4"
  var transport: any HTTPTransport = Self.cluster()

  /// Answers `/version` with that version, which upstream still mends at the world's time, but for `broken`, allows
  /// everything, and its clock agrees with the world's.
  static func cluster(version: String = "v1.36.1") -> ScriptedTransport {
    ScriptedTransport { request in
      if request.url.contains("broken") {
        throw HTTPError(code: .timedOut, message: "no answer", url: request.url)
      }
      let json = HTTPHeaders(
        dictionaryLiteral: ("Content-Type", "application/json"), ("Date", "Fri, 15 Jan 2027 08:00:00 GMT"))
      if request.url.hasSuffix("/version") {
        let minor = version.split(separator: ".")[1]
        return .text(200, #"{"major":"1","minor":"\#(minor)","gitVersion":"\#(version)"}"#, headers: json)
      }
      if request.method == "POST" {
        return .text(201, #"{"kind":"SelfSubjectAccessReview","spec":{},"status":{"allowed":true}}"#, headers: json)
      }
      return .text(200, #"{"kind":"List","metadata":{},"items":[]}"#, headers: json)
    }
  }

  /// Runs `mlops-setup preflight` with these arguments.
  func run(_ arguments: String..., verb: [String] = ["preflight"]) async -> ProgramEnding {
    var programs: [String: @Sendable (ProcessCommand) async throws -> ProcessResult] = [:]
    if let helm { programs["helm"] = { _ in ProcessResult(exitCode: 0, output: helm, errors: "") } }
    let world = World.fake(environment: environment, files: files, programs: programs, http: transport)
    return await ProgramEnding(running: verb + arguments, in: world)
  }
}
