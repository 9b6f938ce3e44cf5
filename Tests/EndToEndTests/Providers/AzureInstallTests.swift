import FoundationEssentials
import HTTP
import Kubernetes
import OrderedCollections
import SetupCore
import TestSupport
import Testing

@Suite("An unattended installation with Azure Container Registry")
struct AzureInstallTests {
  private static let subscription = "11111111-2222-3333-4444-555555555555"
  private static let refreshToken = "canary-refresh-t0ken"

  /// What a test works with: the stage, az, and the environment that both need.
  struct Azure {
    let stage: Stage
    let cloud: CloudStandIns
    let registry: DockerRegistry
    let environment: [String: String]

    func run(_ arguments: String...) async throws -> ProgramEnding {
      try await stage.run(arguments: arguments, environment: environment.mapValues { Optional($0) })
    }

    func registryState() throws -> JSONValue? {
      try cloud.state(JSONValue.self)[path: "az", "registries"]?.array?.first
    }

    /// What has been made that nobody may see.
    func secrets() throws -> [String] {
      let state = try registryState()
      let passwords = (state?["tokenPasswords"]?.object ?? [:]).values.flatMap { $0.object?.values.map { $0 } ?? [] }
      let principals = try cloud.state(JSONValue.self)[path: "az", "principals"]?.object ?? [:]
      return (passwords + (state?["passwords"]?.array ?? []) + principals.values.compactMap { $0["password"] })
        .compactMap(\.string) + [refreshToken]
    }

    /// The Secret's login, in base64.
    func login() async throws -> String {
      let content = try await stage.kubectl(
        "get", "secret", "registry-creds", "-n", "datarobot-mlops", "-o", "jsonpath={.data.\\.dockerconfigjson}")
      let bytes = try #require(Data(base64Encoded: content))
      let config = try JSONDecoder().decode(JSONValue.self, from: bytes)
      return try #require(config[path: "auths", registry.host, "auth"]?.string)
    }
  }

  /// Azure's registry is docker-registry, whose users and rights are those that the stand-in for az has made.
  static func with(_ mode: String, _ identity: String, _ body: (Azure) async throws -> Void) async throws {
    try await Stage.with { stage in
      try await CloudStandIns.with(["az"], state: #"{"az": {"registries": [{"name": "acme01"}]}}"#) { cloud in
        let folder = try ScratchDirectory("acr")
        defer { folder.remove() }
        let certificates = try await TestCertificates(in: folder)
        let server = try await certificates.server()
        try folder.write(String(decoding: certificates.authority.certificate, as: UTF8.self), to: "ca.pem")
        try await RegistryTokenServer.run(users: [:], azure: .init(state: cloud.statePath, registry: "acme01")) {
          tokens in
          try await NginxFront.run(.init(server: server, upstreamPort: tokens.port)) { front in
            let registry = DockerRegistry.Configuration(
              tokens: tokens.behind(front.url), tls: (server.certificatePath, server.keyPath))
            try await DockerRegistry.run(registry) { registry in
              try cloud.seed(
                """
                {"az": {"user": {"name": "ann@example.com", "tenantId": "t"},
                "subscriptions": [{"id": "\(subscription)", "name": "Prod", "isDefault": true}],
                "registries": [{"name": "acme01", "resourceGroup": "rg", "subscription": "\(subscription)",
                "loginServer": "\(registry.host)", "roleAssignmentMode": "\(mode)", "refreshToken": "\(refreshToken)",
                "ownRights": ["pull"]}]}}
                """)
              var environment = cloud.environment
              environment["PATH"] = "\(cloud.bin):\(stage.environment["PATH"] ?? "")"
              environment["HOME"] = nil
              environment["SSL_CERT_FILE"] = folder.file("ca.pem")
              environment["CURL_CA_BUNDLE"] = folder.file("ca.pem")
              // The registry's name, its login server and the token's name are what az shows.
              let more = identity == "service-principal" ? ", principalName: mlops-setup-stage" : ""
              try stage.folder.write(
                stage.answers(["registry": "{provider: acr, identity: \(identity)\(more)}"]), to: "answers.yaml")
              try await body(
                Azure(stage: stage, cloud: cloud, registry: registry, environment: environment))
            }
          }
        }
      }
    }
  }

  @Test(
    "Makes the login, proves it and installs; a second run changes nothing; undone, only what was named is gone from Azure",
    arguments: [
      ("LegacyRegistryPermissions", "token", "acr-token"), ("LegacyRegistryPermissions", "admin", "acr-admin"),
      ("AbacRepositoryPermissions", "service-principal", "acr-principal"),
    ])
  func installs(_ mode: String, _ identity: String, _ step: String) async throws {
    try await Self.with(mode, identity) { azure in
      let planned = try await azure.run("plan", "--answers", "answers.yaml")
      #expect(planned.code == 0, "\(planned.out)\n\(planned.progress)")
      let untouched = try azure.registryState()
      let first = try await azure.run("--answers", "answers.yaml")
      #expect(first.code == 0, "\(first.out)\n\(first.progress)")
      #expect(first.out.contains("The agent is installed."))
      #expect(try azure.registryState() != untouched || identity == "service-principal")
      let login = try await azure.login()

      let before = try azure.cloud.stateText()
      let second = try await azure.run("--answers", "answers.yaml")
      #expect(second.code == 0, "\(second.out)\n\(second.progress)")
      #expect(second.out.contains("Nothing was changed: all is as it should be."), "\(second.out)\n\(second.progress)")
      #expect(try azure.cloud.stateText() == before)
      #expect(try await azure.login() == login)

      let secrets = try azure.secrets()
      #expect(secrets.count > 1)
      let told = [planned, first, second].map { $0.out + $0.progress }.joined()
      let arguments = try azure.cloud.calls().flatMap(\.argv).joined(separator: " ")
      for secret in secrets { #expect(!told.contains(secret) && !arguments.contains(secret)) }

      let undone = try await azure.run("uninstall", "--answers", "answers.yaml")
      #expect(undone.code == 0, "\(undone.out)\n\(undone.progress)")
      #expect(undone.out.contains("--remove \(step) removes it too"), "\(undone.out)")
      #expect(try azure.cloud.stateText() == before)
      let removed = try await azure.run("uninstall", "--answers", "answers.yaml", "--remove", step)
      #expect(removed.code == 0, "\(removed.out)\n\(removed.progress)")
      #expect(try azure.cloud.stateText() != before)
      let state = try azure.registryState()
      #expect(state?["tokens"] ?? [:] == [:] && state?["scopeMaps"] ?? [:] == [:])
      #expect(state?["adminUserEnabled"] ?? false == false && state?["tags"] ?? [:] == [:])
      #expect(try azure.cloud.state(JSONValue.self)[path: "az", "principals"] ?? [:] == [:])
    }
  }

  @Test(
    "The plan's script does the same: the program then finds nothing to do in Azure, and the script run again makes no password",
    arguments: [
      ("LegacyRegistryPermissions", "token", "acr-token"), ("LegacyRegistryPermissions", "admin", "acr-admin"),
      ("AbacRepositoryPermissions", "service-principal", "acr-principal"),
    ])
  func script(_ mode: String, _ identity: String, _ step: String) async throws {
    try await Self.with(mode, identity) { azure in
      let plan = try await azure.run("plan", "--answers", "answers.yaml", "--script")
      #expect(plan.code == 0, "\(plan.progress)")
      // The chart is another test's.
      let script = plan.out.components(before: "Values file")
      try azure.stage.folder.write(script, to: "script.sh")
      var variables = azure.stage.environment.merging(azure.environment) { $1 }
      variables["HOME"] = azure.stage.folder.path
      let processes = Processes.live(environment: variables)
      var secrets: [Set<String>] = []
      for _ in 0..<2 {
        let result = try await processes.run(
          ProcessCommand("sh", [azure.stage.folder.file("script.sh")], deadline: .seconds(300)))
        #expect(result.exitCode == 0, "\(result.errors)\n\(script)")
        for secret in try azure.secrets() { #expect(!(result.output + result.errors).contains(secret)) }
        secrets.append(Set(try azure.secrets()))
      }
      #expect(secrets[0] == secrets[1])
      #expect(secrets[0].count > 1)
      let after = try await azure.run("plan", "--answers", "answers.yaml", "--format", "json")
      let steps = try JSONDecoder().decode(PlanDocument.self, from: Data(after.out.utf8)).steps
      for id in [step, "registry-credentials"] {
        let found = try #require(steps.first { $0.id == id })
        #expect(found.state == "done", "\(found)")
      }
    }
  }
}

extension String {
  /// The lines before the one that holds a word.
  fileprivate func components(before word: String) -> String {
    split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.contains(word) }.joined(separator: "\n")
      + "\n"
  }
}
