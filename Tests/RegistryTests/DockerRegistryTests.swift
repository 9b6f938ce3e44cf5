import HTTP
import Registry
import TestSupport
import Testing

@Suite("The client against Debian's docker-registry", .timeLimit(.minutes(1)))
struct DockerRegistryTests {
  /// `htpasswd -nbB pusher` with the password below.
  private static let htpasswd = "pusher:$2y$05$A.p5BkATzbLwDJqob7k2OucXcWZpfP1IxHF804LKQpzey./Isj8a."
  private static let password = #"pa:ss "wörd"#

  @Test("An open registry is pinged and takes pushes")
  func open() async throws {
    try await DockerRegistry.run { registry in
      let client = realClient(registry.host, nil)
      #expect(await client.ping() == .open)
      #expect(await client.checkPush("mlops/frozen-models") == .allowed)
      #expect(await client.checkPull("mlops/frozen-models") == .repositoryMissing)
      #expect(await client.manifest("mlops/pps", reference: "11.2.0") == .absent)
      let error = await #expect(throws: RegistryError.self) { try await client.tags("mlops/frozen-models") }
      #expect(error?.code == .repositoryMissing)
    }
  }

  @Test("With htpasswd the right password is taken, and the wrong one and none are not")
  func htpasswd() async throws {
    try await DockerRegistry.run(.init(htpasswd: Self.htpasswd)) { registry in
      #expect(
        await realClient(registry.host, nil).ping()
          == .wantsCredential([Challenge(scheme: "basic", parameters: ["realm": "Test Registry"])]))
      let pusher = realClient(registry.host, "pusher", Self.password)
      #expect(await pusher.checkCredential() == .accepted)
      #expect(await pusher.checkPush("mlops/frozen-models") == .allowed)
      let wrong = realClient(registry.host, "pusher", "wrong")
      guard case .rejected(let error) = await wrong.checkCredential() else {
        Issue.record("a wrong password was taken")
        return
      }
      #expect(error.code == .credentialsRejected)
      guard case .denied(let message) = await wrong.checkPush("mlops/frozen-models"),
        case .denied = await realClient(registry.host, nil).checkPush("mlops/frozen-models")
      else {
        Issue.record("a push without the password was taken")
        return
      }
      #expect(message.contains("UNAUTHORIZED"))
    }
  }

  @Test("A read-only registry is told")
  func readOnly() async throws {
    try await DockerRegistry.run(.init(isReadOnly: true)) { registry in
      #expect(await realClient(registry.host, nil).checkPush("a") == .readOnly)
    }
  }

  @Test("A registry that is asked over the wrong scheme says which one to set")
  func wrongScheme() async throws {
    try await withScratchDirectory { directory in
      let authority = try await TestCertificates(in: directory)
      let pair = try await authority.server()
      let tls = (certificatePath: pair.certificatePath, keyPath: pair.keyPath)
      try await DockerRegistry.run(.init(tls: tls)) { registry in
        guard case .unknown(let error) = await realClient(registry.host, nil, scheme: .http).ping() else {
          Issue.record("http was taken")
          return
        }
        #expect(error.code == .speaksHTTPS)
        #expect(error.nextStep == "set registry.scheme: https")
      }
    }
    try await DockerRegistry.run { registry in
      guard case .unknown(let error) = await realClient(registry.host, nil, scheme: .https).checkPush("a") else {
        Issue.record("https was taken")
        return
      }
      #expect(error.code == .speaksHTTP)
      #expect(error.nextStep == "set registry.scheme: http")
    }
  }

  @Test("Over TLS the right authority is taken, and the wrong one and none say what to give")
  func authorities() async throws {
    try await withScratchDirectory { directory in
      let authority = try await TestCertificates(in: directory)
      let other = try await TestCertificates(in: directory, name: "Another CA")
      let pair = try await authority.server()
      let tls = (certificatePath: pair.certificatePath, keyPath: pair.keyPath)
      try await DockerRegistry.run(.init(htpasswd: Self.htpasswd, tls: tls)) { registry in
        func check(_ tls: TLSOptions) async -> PushCheck {
          await realClient(registry.host, "pusher", Self.password, scheme: .https, tls: tls).checkPush("mlops/x")
        }
        #expect(await check(TLSOptions(certificateAuthority: authority.bundle)) == .allowed)
        #expect(await check(TLSOptions(skipsVerification: true)) == .allowed)
        guard case .unknown(let wrong) = await check(TLSOptions(certificateAuthority: other.bundle)),
          case .unknown(let none) = await check(TLSOptions())
        else {
          Issue.record("an unknown authority was taken")
          return
        }
        #expect(wrong.code == .certificateUntrusted)
        #expect(wrong.nextStep?.contains("give the right one") == true)
        #expect(none.code == .certificateUntrusted)
        #expect(none.nextStep?.contains("give registry.certificateAuthority") == true)
      }
    }
  }

  @Test("An image that skopeo pushed is found with its platform")
  func image() async throws {
    let skopeo = try TestProgram("skopeo", debianPackage: "skopeo")
    try await withScratchDirectory { directory in
      let image = try await ImageDirectory(in: directory, layerBytes: 10_000)
      try await DockerRegistry.run { registry in
        try await skopeo.run([
          "--insecure-policy", "copy", "--dest-tls-verify=false", "dir:\(image.path)",
          "docker://\(registry.host)/mlops/pps:11.2.0",
        ])
        let client = realClient(registry.host, nil)
        #expect(await client.checkPull("mlops/pps", reference: "11.2.0") == .allowed)
        #expect(try await client.tags("mlops/pps") == TagList(tags: ["11.2.0"], isComplete: true))
        guard case .found(let head) = await client.manifest("mlops/pps", reference: "11.2.0") else {
          Issue.record("not found")
          return
        }
        #expect(head.digest?.hasPrefix("sha256:") == true)
        let details = try await client.manifestDetails("mlops/pps", reference: "11.2.0")
        #expect(details.digest == head.digest)
        #expect(details.platforms.map(\.description) == ["linux/s390x"])
      }
    }
  }

  @Test("Where nothing listens the host and the port are to be checked")
  func refused() async throws {
    guard case .unknown(let error) = await realClient("127.0.0.1:1", nil).ping() else {
      Issue.record("something listens on port 1")
      return
    }
    #expect(error.code == .connectionFailed)
    #expect(error.nextStep == "check the registry's host and port")
  }
}
