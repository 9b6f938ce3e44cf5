import CustomDump
import HTTP
import Registry
import Simulator
import TestSupport
import Testing

/// Runs `body` while a simulated registry listens; gives it the host.
func withRegistry(
  _ configuration: RegistryConfiguration, _ body: (RegistryServer, String) async throws -> Void
) async throws {
  let server = RegistryServer(configuration)
  let port = try await server.start()
  do {
    try await body(server, "127.0.0.1:\(port)")
  } catch {
    await server.stop()
    throw error
  }
  await server.stop()
}

func realClient(
  _ host: String, _ username: String?, _ password: String = "", scheme: RegistryEndpoint.Scheme = .http,
  tls: TLSOptions = TLSOptions()
) -> RegistryClient {
  RegistryClient(
    transport: HTTPClient(configuration: .init(environment: [:])),
    endpoint: RegistryEndpoint(host: host, scheme: scheme, tls: tls),
    credential: username.map { RegistryCredential(username: $0, password: password) })
}

@Suite("The client against the simulated registry", .timeLimit(.minutes(1)))
struct RegistryServerTests {
  typealias Right = RegistryConfiguration.Right

  static func configuration(_ authentication: RegistryConfiguration.Authentication) -> RegistryConfiguration {
    RegistryConfiguration(
      authentication: authentication,
      users: [
        .init(name: "pusher", password: #"pa:ss "wörd"#, rights: [Right(prefix: "mlops/")], identityToken: "refresh"),
        .init(name: "reader", password: "r", rights: [Right(actions: [.pull])]),
      ], anonymousRights: [Right(prefix: "public/", actions: [.pull])])
  }

  @Test(
    "Who may push and who may not is found out without leaving an upload",
    arguments: [
      RegistryConfiguration.Authentication.basic, .token,
    ])
  func rights(_ authentication: RegistryConfiguration.Authentication) async throws {
    try await withRegistry(Self.configuration(authentication)) { server, host in
      let pusher = realClient(host, "pusher", #"pa:ss "wörd"#)
      #expect(await pusher.checkCredential() == .accepted)
      #expect(await pusher.checkPush("mlops/frozen-models") == .allowed)
      #expect(server.openUploads == 0)
      #expect(server.requests.last?.hasPrefix("DELETE /v2/mlops/frozen-models/blobs/uploads/") == true)
      let denied = "DENIED: requested access to the resource is denied"
      #expect(await pusher.checkPush("other/x") == .denied(denied))
      let reader = realClient(host, "reader", "r")
      #expect(await reader.checkCredential() == .accepted)
      #expect(await reader.checkPush("mlops/frozen-models") == .denied(denied))
      #expect(await reader.checkPull("mlops/frozen-models") == .repositoryMissing)
    }
  }

  @Test("A wrong password is refused", arguments: [RegistryConfiguration.Authentication.basic, .token])
  func wrongPassword(_ authentication: RegistryConfiguration.Authentication) async throws {
    try await withRegistry(Self.configuration(authentication)) { _, host in
      let client = realClient(host, "pusher", "wrong-word")
      guard case .rejected(let error) = await client.checkCredential() else {
        Issue.record("the password was taken")
        return
      }
      #expect(error.code == .credentialsRejected)
      #expect(!error.description.contains("wrong-word"))
      guard case .denied = await client.checkPush("mlops/x") else {
        Issue.record("the push was taken")
        return
      }
    }
  }

  @Test("An identity token is exchanged for a token that may push")
  func identityToken() async throws {
    try await withRegistry(Self.configuration(.token)) { server, host in
      #expect(await realClient(host, "<token>", "refresh").checkPush("mlops/x") == .allowed)
      #expect(server.requests.contains("POST /token"))
      guard case .denied = await realClient(host, "<token>", "stale").checkPush("mlops/x") else {
        Issue.record("a stale token was taken")
        return
      }
    }
  }

  @Test("Without a login what is public may be pulled")
  func anonymous() async throws {
    try await withRegistry(Self.configuration(.token)) { server, host in
      server.addImage("public/a", tag: "1")
      server.addImage("mlops/a", tag: "1")
      let client = realClient(host, nil)
      #expect(await client.checkPull("public/a", reference: "1") == .allowed)
      #expect(await client.checkPull("mlops/a") == .denied("DENIED: requested access to the resource is denied"))
      #expect(await client.checkPush("public/a") == .denied("DENIED: requested access to the resource is denied"))
    }
  }

  @Test("A repository that has to exist, a read-only registry and absolute locations are told apart")
  func modes() async throws {
    let strict = RegistryConfiguration(
      createsRepositories: false, repositories: ["mlops/there"], writesAbsoluteLocations: true)
    try await withRegistry(strict) { server, host in
      let client = realClient(host, nil)
      #expect(await client.ping() == .open)
      #expect(await client.checkCredential() == .notAsked)
      #expect(await client.checkPush("mlops/there") == .allowed)
      #expect(server.openUploads == 0)
      #expect(await client.checkPush("mlops/missing") == .repositoryMissing)
      server.configuration.isReadOnly = true
      #expect(await client.checkPush("mlops/there") == .readOnly)
    }
  }

  @Test("A fault is told and ends when it is used up")
  func faults() async throws {
    let throttled = ServerFault(matching: "blobs/uploads", status: 429, headers: ["Retry-After": "9"], remaining: 1)
    try await withRegistry(RegistryConfiguration(faults: [throttled])) { server, host in
      let client = realClient(host, nil)
      guard case .unknown(let error) = await client.checkPush("a") else {
        Issue.record("no fault")
        return
      }
      #expect(error.code == .tooManyRequests)
      #expect(error.nextStep == "try again in 9 seconds")
      #expect(await client.checkPush("a") == .allowed)
      server.configuration.faults = [.webPage()]
      guard case .notARegistry = await client.ping() else {
        Issue.record("a web page was taken for a registry")
        return
      }
    }
  }

  @Test("Images and their platforms are found")
  func images() async throws {
    try await withRegistry(RegistryConfiguration()) { server, host in
      let one = server.addImage("mlops/pps", tag: "11.2.0", architectures: ["arm64"])
      let two = server.addImage("mlops/agent", tag: "1", architectures: ["amd64", "arm64"])
      let client = realClient(host, nil)
      guard case .found(let head) = await client.manifest("mlops/pps", reference: "11.2.0") else {
        Issue.record("not found")
        return
      }
      #expect(head.digest == one)
      #expect(head.mediaType == "application/vnd.oci.image.manifest.v1+json")
      #expect((head.size ?? 0) > 100)
      #expect(await client.manifest("mlops/pps", reference: "11.2.1") == .absent)
      #expect(await client.manifest("mlops/none", reference: "1") == .absent)
      let image = try await client.manifestDetails("mlops/pps", reference: "11.2.0")
      #expect(image.platforms.map(\.description) == ["linux/arm64"])
      let index = try await client.manifestDetails("mlops/agent", reference: two)
      #expect(index.platforms.map(\.description) == ["linux/amd64", "linux/arm64"])
    }
  }

  @Test("Behind a TLS front an http realm gets no password, an https one does, and an http location is put right")
  func tlsFront() async throws {
    try await withScratchDirectory { directory in
      let authority = try await TestCertificates(in: directory)
      let pair = try await authority.server()
      var configuration = Self.configuration(.token)
      configuration.writesAbsoluteLocations = true
      try await withRegistry(configuration) { server, host in
        let port = try #require(Int(host.dropFirst("127.0.0.1:".count)))
        try await NginxFront.run(.init(server: pair, upstreamPort: port)) { front in
          let client = realClient(
            "127.0.0.1:\(front.port)", "pusher", #"pa:ss "wörd"#, scheme: .https,
            tls: TLSOptions(certificateAuthority: authority.bundle))
          guard case .unknown(let error) = await client.checkPush("mlops/x") else {
            Issue.record("the http realm was taken")
            return
          }
          #expect(error.code == .realmRefused)
          #expect(!server.requests.contains("GET /token"))
          server.configuration.realm = "\(front.url)/token"
          #expect(await client.checkPush("mlops/x") == .allowed)
          #expect(server.openUploads == 0)
        }
      }
    }
  }

  @Test("A long list of tags is read page by page")
  func tags() async throws {
    try await withRegistry(RegistryConfiguration()) { server, host in
      let names = (1000..<1250).map { "t\($0)" }
      for name in names { server.addImage("a", tag: name) }
      let list = try await realClient(host, nil).tags("a")
      #expect(list.tags == names)
      #expect(list.isComplete)
      #expect(server.requests.filter { $0 == "GET /v2/a/tags/list" }.count == 3)
    }
  }

  @Test("skopeo pushes to the simulated registry and pulls from it, with our docker config file")
  func skopeo() async throws {
    let skopeo = try TestProgram("skopeo", debianPackage: "skopeo")
    try await withScratchDirectory { directory in
      let image = try await ImageDirectory(in: directory, layerBytes: 1 << 20)
      try await withRegistry(Self.configuration(.token)) { server, host in
        let auth = try DockerConfigSecret.bytes([
          host: RegistryCredential(username: "pusher", password: #"pa:ss "wörd"#)
        ])
        try directory.write(String(decoding: auth, as: UTF8.self), to: "auth.json")
        let options = ["--insecure-policy", "copy", "--authfile", directory.file("auth.json")]
        try await skopeo.run(
          options + ["--dest-tls-verify=false", "dir:\(image.path)", "docker://\(host)/mlops/frozen-models:m-1"])
        #expect(server.openUploads == 0)
        try await skopeo.run(
          options + ["--src-tls-verify=false", "--dest-decompress", "docker://\(host)/mlops/frozen-models:m-1"]
            + ["dir:\(directory.file("pulled"))"])
        #expect(try directory.read("pulled/\(image.layer)").count == 1 << 20)
        let client = realClient(host, "pusher", #"pa:ss "wörd"#)
        let details = try await client.manifestDetails("mlops/frozen-models", reference: "m-1")
        #expect(details.platforms.map(\.description) == ["linux/s390x"])
        #expect(server.repositories == ["mlops/frozen-models"])
        await #expect(throws: TestSupportError.self) {
          try await skopeo.run(
            options + ["--dest-tls-verify=false", "dir:\(image.path)", "docker://\(host)/other/x:1"])
        }
      }
    }
  }
}

/// An image as skopeo's `dir:` transport has it: one layer that compression does not make small.
struct ImageDirectory {
  let path: String
  let layer: String

  init(in directory: ScratchDirectory, layerBytes: Int) async throws {
    let sha256sum = try TestProgram("sha256sum", debianPackage: "coreutils")
    func name(_ text: String) async throws -> String {
      try directory.write(text, to: "blob")
      return String(try await sha256sum.run([directory.file("blob")]).prefix(64))
    }
    let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_-abcdefghijklmnopqrstuvwxyz".utf8)
    let bytes = (0..<layerBytes).map { _ in letters[Int.random(in: 0..<64)] }
    let layerText = String(decoding: bytes, as: UTF8.self)
    layer = try await name(layerText)
    let configText =
      #"{"architecture":"s390x","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:\#(layer)"]}}"#
    let config = try await name(configText)
    let type = "application/vnd.oci.image"
    let manifest = """
      {"schemaVersion":2,"mediaType":"\(type).manifest.v1+json",
      "config":{"mediaType":"\(type).config.v1+json","digest":"sha256:\(config)","size":\(configText.utf8.count)},
      "layers":[{"mediaType":"\(type).layer.v1.tar","digest":"sha256:\(layer)","size":\(layerBytes)}]}
      """
    path = directory.file("image")
    try await TestProgram("mkdir", debianPackage: "coreutils").run([path])
    try directory.write("Directory Transport Version: 1.1\n", to: "image/version")
    try directory.write(manifest, to: "image/manifest.json")
    try directory.write(configText, to: "image/\(config)")
    try directory.write(layerText, to: "image/\(layer)")
  }
}
