import FoundationEssentials
import HTTP
import Kubernetes
import Registry
import TestSupport
import Testing

@testable import SetupCore

@Suite("The generic registry", .timeLimit(.minutes(3)))
struct GenericRegistryTests {
  /// `htpasswd -nbB pusher` with the password below.
  private static let htpasswd = "pusher:$2y$05$A.p5BkATzbLwDJqob7k2OucXcWZpfP1IxHF804LKQpzey./Isj8a."
  private static let password = #"pa:ss "wörd"#

  /// What the checks of the registry say of these answers, asked over real HTTP.
  private static func check(
    _ host: String, user: String = "pusher", password: String = password, files: [String: String] = [:],
    _ changes: [QuestionID: AnswerValue]
  ) async throws -> [CheckID: Finding] {
    let base: [QuestionID: AnswerValue] = [
      "registry.server": .text(host), "registry.username": .text(user),
      "images.generated": .text("\(host)/mlops/frozen-models"),
    ]
    let setup = try Samples.setup(
      Samples.answers(base.merging(changes) { $1 }), files: Samples.files(files),
      http: HTTPClient(configuration: .init(environment: [:])),
      environment: Samples.environment.merging(["REGISTRY_PASSWORD": password]) { $1 })
    let checks: [Check] = [.registryReachable, .registryCredentials, .registryPush]
    let results = await CheckRunner(setup: setup, checks: checks).run().results
    #expect(!"\(results)".contains(password))
    return Dictionary(uniqueKeysWithValues: results.map { ($0.id, $0.finding) })
  }

  @Test("Password and plain HTTP against docker-registry: the right one may push, a wrong one may not")
  func htpasswd() async throws {
    try await DockerRegistry.run(.init(htpasswd: Self.htpasswd)) { registry in
      let good = try await Self.check(registry.host, ["registry.scheme": .text("http")])
      #expect(good["registry.push"]?.status == .pass)
      #expect(good["registry.credentials"]?.observed == "user pusher")
      let wrong = try await Self.check(registry.host, password: "wrong", ["registry.scheme": .text("http")])
      #expect(wrong["registry.credentials"]?.status == .fail)
      #expect(wrong["registry.push"]?.status == .skipped)
      // https at a registry that speaks http is told, and not taken for a closed port.
      let scheme = try await Self.check(registry.host, ["registry.scheme": .text("https")])
      #expect(scheme["registry.reachable"]?.status == .fail)
      #expect(scheme["registry.reachable"]?.remedy?.text.contains("registry.scheme") == true)
    }
  }

  @Test("An own CA against docker-registry: with its file all is well, without it the certificate is refused")
  func authority() async throws {
    try await withScratchDirectory { directory in
      let authority = try await TestCertificates(in: directory)
      let pair = try await authority.server()
      let tls = (certificatePath: pair.certificatePath, keyPath: pair.keyPath)
      guard case .pem(let bytes) = authority.bundle else {
        Issue.record("the CA is no PEM")
        return
      }
      let pem = String(decoding: bytes, as: UTF8.self)
      try await DockerRegistry.run(.init(htpasswd: Self.htpasswd, tls: tls)) { registry in
        let with = try await Self.check(
          registry.host, files: ["/home/admin/work/ca.pem": pem], ["registry.certificateAuthority": .text("ca.pem")])
        #expect(with["registry.push"]?.status == .pass, "\(with)")
        let without = try await Self.check(registry.host, [:])
        #expect(without["registry.reachable"]?.status == .fail)
      }
    }
  }

  @Test("Tokens against docker-registry: a read-only user logs in and may not push")
  func tokens() async throws {
    let users: [String: RegistryTokenServer.User] = [
      "pusher": .init(password: Self.password, rights: ["*": ["pull", "push"]]),
      "reader": .init(password: Self.password, rights: ["*": ["pull"]]),
    ]
    try await RegistryTokenServer.run(users: users) { tokens in
      try await DockerRegistry.run(.init(tokens: tokens)) { registry in
        let scheme: [QuestionID: AnswerValue] = ["registry.scheme": .text("http")]
        #expect(try await Self.check(registry.host, scheme)["registry.push"]?.status == .pass)
        let reader = try await Self.check(registry.host, user: "reader", scheme)
        #expect(reader["registry.credentials"]?.status == .pass)
        #expect(reader["registry.push"]?.status == .fail)
        let wrong = try await Self.check(registry.host, password: "wrong", scheme)
        #expect(wrong["registry.credentials"]?.status == .fail)
      }
    }
  }

  // MARK: The login of docker or podman

  private static let answers = Samples.answers([
    "registry.login": .text("docker"), "registry.username": .text(""), "registry.password": .text(""),
  ])
  private static let host = "registry.example.com:5000"
  private static let config = "/home/admin/.docker/config.json"
  private static func stored(_ host: String = host) -> String {
    #"{"auths":{"\#(host)":{"auth":"\#(Data("push:\(Samples.password)".utf8).base64EncodedString())"}}}"#
  }

  private static func secret(
    _ files: [String: String], programs: [String: @Sendable (ProcessCommand) async throws -> ProcessResult] = [:]
  ) async throws -> [UInt8]? {
    let step = try #require(Planner.steps(answers).first { $0.id == "registry-credentials" } as? SecretStep)
    return try await step.data(try Samples.setup(answers, files: Samples.files(files), programs: programs))[
      ".dockerconfigjson"]
  }

  private static let wanted = try? DockerConfigSecret.bytes([
    host: RegistryCredential(username: "push", password: Samples.password)
  ])

  @Test("What stands in docker's or podman's file becomes the Secret")
  func file() async throws {
    #expect(try await Self.secret([Self.config: Self.stored()]) == Self.wanted)
    #expect(try await Self.secret(["/home/admin/.config/containers/auth.json": Self.stored()]) == Self.wanted)
  }

  @Test("What a credential helper keeps is asked for, because a cluster cannot ask it, and not by an argument")
  func helper() async throws {
    let secret = try await Self.secret(
      [Self.config: #"{"auths":{},"credHelpers":{"\#(Self.host)":"vault"}}"#],
      programs: [
        "docker-credential-vault": { command in
          #expect(command.arguments == ["get"])
          #expect(command.input.map { String(decoding: $0, as: UTF8.self) } == Self.host)
          let answer: JSONValue = [
            "ServerURL": .string(Self.host), "Username": "push", "Secret": .string(Samples.password),
          ]
          return ProcessResult(exitCode: 0, output: JSONText.string(answer))
        }
      ])
    #expect(secret == Self.wanted)
  }

  @Test("No login, an identity token and a file that is no JSON are refused with what to do")
  func none() async throws {
    let token = #"{"auths":{"\#(Self.host)":{"identitytoken":"x","username":"<token>"}}}"#
    for (file, words) in [
      (Self.stored("other.example.com"), "neither docker nor podman"), (token, "identity token"),
      ("no JSON", "config.json"),
    ] {
      let error = await #expect(throws: SetupError.self) { try await Self.secret([Self.config: file]) }
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
      #expect(error?.next.isEmpty == false)
    }
  }

  @Test("Docker Hub's credential stands under its special key")
  func dockerHub() async throws {
    let answers = Samples.answers(["registry.server": .text("docker.io")])
    let step = try #require(Planner.steps(answers).first { $0.id == "registry-credentials" } as? SecretStep)
    let bytes = try #require(try await step.data(try Samples.setup(answers))[".dockerconfigjson"])
    let secret = try JSONText.parse(bytes)
    #expect(secret[path: "auths", "https://index.docker.io/v1/"] != nil)
    let command = try #require(step.commands(try Samples.setup(answers)).first)
    #expect(command.shell.contains("https://index.docker.io/v1/"))
  }

  @Test("The equivalent command makes the same Secret from the file, and from the helper", arguments: [false, true])
  func command(_ isHelped: Bool) async throws {
    let folder = try ScratchDirectory()
    defer { folder.remove() }
    let config = isHelped ? #"{"credsStore":"vault"}"# : Self.stored()
    try folder.write(config, to: "config.json")
    let answer: JSONValue = ["Username": "push", "Secret": .string(Samples.password)]
    try folder.write("#!/bin/sh\ncat >/dev/null\ncat '\(folder.file("answer"))'\n", to: "docker-credential-vault")
    try folder.write(JSONText.string(answer), to: "answer")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: folder.file("docker-credential-vault"))
    let step = try #require(Planner.steps(Self.answers).first { $0.id == "registry-credentials" })
    let command = try #require(
      try await step.commands(try Samples.setup(Self.answers, files: Samples.files())).first)
    let stubs = "kubectl() { if [ \"$1\" = create ]; then cat >&3; else cat >/dev/null; fi; }\nexec 3>&1 >/dev/null\n"
    let result = try await Processes.live(environment: [
      "PATH": "\(folder.path):/usr/bin:/bin", "HOME": "/", "DOCKER_CONFIG": folder.path,
    ]).run(ProcessCommand("sh", input: Array((stubs + command.shell).utf8), deadline: .seconds(20)))
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(
      DockerConfigSecret.haveSameMeaning(Array(result.output.utf8), try #require(Self.wanted)),
      "\(result.output.replacing(Samples.password, with: "…"))")
  }
}
