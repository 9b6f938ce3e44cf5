import HTTP
import Kubernetes
import Registry
import Simulator
import TestSupport
import Testing

@testable import SetupCore

@Suite("Checks of the images: present, their repositories, their architecture")
struct RegistryImagesTests {
  private static let names = [
    "datarobot/mlops-management-agent", "datarobot/mlops-tracking-agent", "datarobot/datarobot-portable-prediction-api",
  ]

  private static func answers(host: String, _ changes: [QuestionID: AnswerValue] = [:]) -> Answers {
    let images: [QuestionID: AnswerValue] = [
      "registry.server": .text(host), "registry.scheme": .text("http"),
      "images.managementAgent": .text("\(host)/\(names[0]):1.0.0"),
      "images.trackingAgent": .text("\(host)/\(names[1]):1.0.0"),
      "images.predictionServer": .text("\(host)/\(names[2]):1.0.0"),
      "images.generated": .text("\(host)/mlops/frozen-models"),
    ]
    return Samples.answers(images.merging(changes) { $1 })
  }

  /// Runs checks against a simulated registry over real HTTP.
  private func run(
    _ checks: [Check] = [
      .registryReachable, .registryCredentials, .registryPush, .registryRepositories, .registryImages,
    ],
    changes: [QuestionID: AnswerValue] = [:],
    _ prepare: (inout RegistryConfiguration, RegistryServer) -> Void
  ) async throws -> (results: [CheckID: Finding], requests: [String], host: String) {
    var configuration = RegistryConfiguration(
      authentication: .token, users: [.init(name: "push", password: Samples.password)])
    let server = RegistryServer(configuration)
    prepare(&configuration, server)
    server.configuration = configuration
    let host = "127.0.0.1:\(try await server.start())"
    let setup = try Samples.setup(
      Self.answers(host: host, changes), http: HTTPClient(configuration: .init(environment: [:])))
    let results = await CheckRunner(setup: setup, checks: checks).run().results
    await server.stop()
    #expect(server.openUploads == 0)
    #expect(!"\(results)".contains("55f1"))
    return (Dictionary(uniqueKeysWithValues: results.map { ($0.id, $0.finding) }), server.requests, host)
  }

  @Test("Images that are there pass with digest and platform; repositories that a push makes are named")
  func allGood() async throws {
    let (results, requests, host) = try await run { _, server in
      for name in Self.names { server.addImage(name, tag: "1.0.0", architectures: ["amd64", "arm64"]) }
    }
    let images = try #require(results["registry.images"])
    #expect(images.status == .pass, "\(images)")
    #expect(images.message == "All 3 images are there.")
    #expect(images.details[0].hasPrefix("management agent \(host)/\(Self.names[0]):1.0.0: sha256:"))
    #expect(images.details[0].hasSuffix(", linux/amd64, linux/arm64"))
    let repositories = try #require(results["registry.repositories"])
    #expect(repositories.status == .pass, "\(repositories)")
    #expect(
      repositories.message
        == "All repositories are there but \(host)/mlops/frozen-models, which the first push makes.")
    #expect(repositories.details.contains("\(host)/mlops/frozen-models/cache: takes a push"))
    #expect(results["registry.push"]?.status == .pass)
    // Nothing is written but uploads that are cancelled.
    #expect(!requests.contains { $0.hasPrefix("PUT") || $0.hasPrefix("PATCH") })
  }

  @Test("A missing image warns with what will happen and the command that pushes it")
  func missing() async throws {
    let (results, _, host) = try await run { _, server in
      for name in Self.names.dropFirst() { server.addImage(name, tag: "1.0.0") }
      server.addImage(Self.names[2], tag: "other")
    }
    let found = try #require(results["registry.images"])
    #expect(found.status == .warn)
    #expect(
      found.message
        == "There is no \(host)/\(Self.names[0]):1.0.0: the agent's pod will wait in ImagePullBackOff.")
    #expect(found.remedy?.command == "docker push \(host)/\(Self.names[0]):1.0.0")
    #expect(results["registry.repositories"]?.status == .pass, "\(results)")
  }

  @Test("A registry that makes no repositories: the missing ones fail by name, and none is made by looking")
  func mustBeCreated() async throws {
    let (results, _, host) = try await run { configuration, server in
      configuration.createsRepositories = false
      configuration.repositories = [Self.names[0], Self.names[1]]
    }
    #expect(results["registry.push"]?.status == .fail)
    let found = try #require(results["registry.repositories"])
    #expect(found.status == .fail)
    #expect(
      found.message
        == "\(host)/\(Self.names[2]), \(host)/mlops/frozen-models must be created first: the registry makes no repository by itself."
    )
  }

  @Test("A user who may not read the images is told so; the nodes pull with the same login")
  func denied() async throws {
    let (results, _, _) = try await run { configuration, server in
      for name in Self.names { server.addImage(name, tag: "1.0.0") }
      configuration.users = [
        .init(name: "push", password: Samples.password, rights: [.init(prefix: "mlops/")])
      ]
    }
    let found = try #require(results["registry.images"])
    #expect(found.status == .warn)
    #expect(found.observed == "3 of 3 cannot be pulled")
    #expect(found.remedy?.text == "Let the user pull them: the nodes pull with the same login.")
    #expect(results["registry.repositories"]?.status == .unknown, "\(results)")
  }

  @Test("An image at another registry that refuses us is unknown, and our login is not sent there")
  func elsewhere() async throws {
    let other = RegistryServer(
      RegistryConfiguration(authentication: .basic, users: [.init(name: "push", password: Samples.password)]))
    let port = try await other.start()
    // Another registry is asked over https, as nodes would: a server that speaks http there is no answer.
    let (results, _, _) = try await run(
      changes: ["images.managementAgent": .text("127.0.0.1:\(port)/agent:1.0.0")]
    ) { _, server in
      for name in Self.names { server.addImage(name, tag: "1.0.0") }
    }
    await other.stop()
    let found = try #require(results["registry.images"])
    #expect(found.status == .unknown)
    #expect(found.message.hasPrefix("The image of the management agent could not be looked for:"), "\(found)")
    let script = ScriptedTransport { _ in .text(401, headers: ["WWW-Authenticate": #"Basic realm="other""#]) }
    let setup = try Samples.setup(
      Samples.answers(["images.managementAgent": .text("other.example.com/agent:1.0.0"), "registry.server": .text("")]),
      http: script)
    let refused = await CheckRunner(setup: setup, checks: [.registryImages]).run().results
    #expect(refused[0].finding.status == .unknown)
    #expect(script.requests.allSatisfy { $0.headers["Authorization"] == nil })
  }

  @Test("Wrong credentials are tried by one probe only, and the images are skipped")
  func wrongPassword() async throws {
    let (results, requests, _) = try await run { configuration, _ in
      configuration.users = [.init(name: "push", password: "other")]
    }
    #expect(results["registry.credentials"]?.status == .fail)
    #expect(results["registry.images"]?.status == .skipped)
    #expect(results["registry.repositories"]?.status == .skipped)
    #expect(requests.count { $0.hasPrefix("GET /token") } == 1, "\(requests)")
  }

  @Test("Debian's docker-registry: nothing pushed yet is absent, not denied, and the push makes the repositories")
  func dockerRegistry() async throws {
    try await DockerRegistry.run { registry in
      let setup = try Samples.setup(
        Self.answers(host: registry.host), http: HTTPClient(configuration: .init(environment: [:])))
      let checks: [Check] = [
        .registryReachable, .registryCredentials, .registryPush, .registryRepositories, .registryImages,
      ]
      let results = await CheckRunner(setup: setup, checks: checks).run().results
      #expect(results.map(\.finding.status) == [.pass, .pass, .pass, .pass, .warn], "\(results)")
      #expect(results[4].finding.observed == "3 of 3 cannot be pulled")
    }
  }

  // MARK: Architecture

  private func node(_ name: String, _ architecture: String, extra: String = "") throws -> Node {
    try object(
      Node.self,
      """
      {"metadata":{"name":"\(name)"},"spec":{\(extra)},
      "status":{"nodeInfo":{"architecture":"\(architecture)","operatingSystem":"linux"},
      "conditions":[{"type":"Ready","status":"True"}]}}
      """)
  }

  private func judge(_ nodes: [Node], _ images: [[String]?]) -> Finding {
    finding(.registryArchitecture) { survey in
      survey.nodes = .seen(nodes)
      survey.registryImages = .seen(
        images.enumerated().map { index, architectures in
          ImageObservation(
            use: ImageUse.allCases[index], reference: "r.example.com/image-\(index):1",
            presence: architectures == nil
              ? .failed(ObservationFailure(.absent, "it is not there")) : .seen("sha256:1"),
            platforms: architectures.map { list in
              .seen(list.map { ImagePlatform(operatingSystem: "linux", architecture: $0) })
            } ?? .notAsked)
        })
    }
  }

  @Test("Images for the nodes' architecture pass; a node that takes no pods does not count")
  func sameArchitecture() throws {
    let nodes = [
      try node("a", "amd64"), try node("b", "arm64", extra: #""unschedulable":true"#),
      try node("c", "s390x", extra: #""taints":[{"key":"k","effect":"NoSchedule"}]"#),
    ]
    let found = judge(nodes, [["amd64"], ["amd64", "arm64"], ["amd64"]])
    #expect(found.status == .pass, "\(found)")
    #expect(found.observed == "nodes: 1 amd64")
    #expect(found.message == "The images run on every node that takes pods.")
  }

  @Test("Images that no node can run fail, and say what they are built for")
  func noneFits() throws {
    let found = judge([try node("a", "arm64")], [["amd64"], ["arm64"], ["amd64", "arm64"]])
    #expect(found.status == .fail)
    #expect(
      found.message
        == "Only arm64 nodes take pods, and r.example.com/image-0:1 is built for amd64.")
  }

  @Test("Images of the same architectures are told in one sentence")
  func grouped() throws {
    let fail = judge([try node("a", "arm64")], [["amd64"], ["s390x"], ["amd64"], ["arm64"]])
    #expect(
      fail.message
        == "Only arm64 nodes take pods, and r.example.com/image-0:1, r.example.com/image-2:1 are built for amd64; r.example.com/image-1:1 is built for s390x."
    )
    let warn = judge([try node("a", "arm64"), try node("b", "amd64")], [["amd64"], ["amd64"]])
    #expect(warn.message.hasSuffix("r.example.com/image-0:1, r.example.com/image-1:1 run on amd64 only."))
  }

  @Test("Nodes of two architectures and an image for one warn, with the node selector")
  func mixed() throws {
    let found = judge([try node("a", "arm64"), try node("b", "amd64")], [["amd64"], ["amd64", "arm64"]])
    #expect(found.status == .warn)
    #expect(found.observed == "nodes: 1 amd64, 1 arm64")
    #expect(found.message.hasSuffix("r.example.com/image-0:1 runs on amd64 only."))
    #expect(found.remedy?.text.hasPrefix("Set nodeSelector kubernetes.io/arch: amd64") == true)
  }

  @Test("What was not seen is not green: images that do not say, that are absent, nodes that may not be listed")
  func notSeen() throws {
    #expect(judge([try node("a", "amd64")], [[]]).status == .warn)
    #expect(judge([try node("a", "amd64")], [nil, nil]).status == .skipped)
    #expect(judge([try node("a", "")], [["amd64"]]).status == .unknown)
    let some = judge([try node("a", "amd64")], [["amd64"], nil])
    #expect(some.message == "The 1 of 2 images that could be looked into run on every node that takes pods.")
    let denied = finding(.registryArchitecture) { survey in
      survey.registryImages = .seen([])
      survey.nodes = .failed(ObservationFailure(.denied, "no"))
    }
    #expect(denied.status == .unknown)
  }
}
