import CustomDump
import Registry
import Testing

@Suite("Docker config files")
struct DockerConfigTests {
  static let awkward = RegistryCredential(username: "pusher", password: #"pa:ss "wörd" \ / 🔑 ' $x"#)

  private func config(_ text: String) throws -> DockerConfig {
    try DockerConfig(parsing: Array(text.utf8), name: "config.json")
  }

  @Test("A Secret's bytes are the same for the same credentials, with Docker Hub's own key and a host's port kept")
  func bytes() throws {
    let bytes = try DockerConfigSecret.bytes([
      "registry.example.com:5000": RegistryCredential(username: "u", password: "p/q"),
      "docker.io": RegistryCredential(username: "hub", password: "x"),
    ])
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == #"{"auths":{"https://index.docker.io/v1/":{"auth":"aHViOng=","password":"x","username":"hub"},"#
        + #""registry.example.com:5000":{"auth":"dTpwL3E=","password":"p/q","username":"u"}}}"#)
  }

  @Test("A password with quotes, colons and letters of any script comes back as it was")
  func roundTrip() throws {
    let bytes = try DockerConfigSecret.bytes(["r.io": Self.awkward])
    let read = try DockerConfig(parsing: bytes, name: "secret")
    let credential = try #require(read.storedCredential(host: "r.io"))
    #expect(credential.username == "pusher")
    #expect(credential.password == Self.awkward.password)
    #expect(read.hosts == ["r.io"])
  }

  @Test("An identity token is written and read as one")
  func identityToken() throws {
    let token = RegistryCredential(username: "<token>", password: "refresh")
    let bytes = try DockerConfigSecret.bytes(["r.io": token])
    #expect(String(decoding: bytes, as: UTF8.self) == #"{"auths":{"r.io":{"identitytoken":"refresh"}}}"#)
    #expect(try DockerConfig(parsing: bytes, name: "secret").storedCredential(host: "r.io")?.isIdentityToken == true)
  }

  @Test(
    "A credential that HTTP Basic cannot carry is refused",
    arguments: [
      (RegistryCredential(username: "a:b", password: "p"), "colon"),
      (RegistryCredential(username: "", password: "p"), "user name is empty"),
      (RegistryCredential(username: "a", password: ""), "password is empty"),
      (RegistryCredential(username: "a", password: "p\n"), "control character"),
    ])
  func refused(_ credential: RegistryCredential, _ words: String) {
    let error = #expect(throws: DockerConfigError.self) { try DockerConfigSecret.bytes(["r.io": credential]) }
    #expect(error?.description.contains(words) == true)
  }

  @Test(
    "A credential is found under every key that means its host",
    arguments: [
      ("r.io", "r.io"), ("https://r.io", "r.io"), ("https://r.io/v2/", "r.io"), ("http://r.io:5000", "r.io:5000"),
      ("https://index.docker.io/v1/", "docker.io"), ("index.docker.io", "docker.io"), ("docker.io", "docker.io"),
      ("registry-1.docker.io", "index.docker.io"),
    ])
  func keys(_ key: String, _ host: String) throws {
    let config = try config(#"{"auths":{"\#(key)":{"auth":"dTpw"}}}"#)
    #expect(config.storedCredential(host: host) == RegistryCredential(username: "u", password: "p"))
    #expect(config.storedCredential(host: "other.io") == nil)
    #expect(config.storedCredential(host: "\(host):1") == nil)
  }

  @Test("Of podman's keys with a path the longest one counts")
  func podman() throws {
    let config = try config(
      #"{"auths":{"r.io":{"auth":"YTox"},"r.io/team":{"auth":"YToy"},"r.io/team/app":{"auth":"YToz"}}}"#)
    #expect(config.storedCredential(host: "r.io", repository: "team/app")?.password == "3")
    #expect(config.storedCredential(host: "r.io", repository: "team/other")?.password == "2")
    #expect(config.storedCredential(host: "r.io", repository: "teams")?.password == "1")
  }

  @Test("auth goes before user name and password, identitytoken before both, and padding is cut")
  func precedence() throws {
    let entry = #""username":"u","password":"p""#
    let auth = try config(#"{"auths":{"r.io":{\#(entry),"auth":"YTpiOmMA"}}}"#).storedCredential(host: "r.io")
    #expect(auth?.username == "a")
    #expect(auth?.password == "b:c")
    let token = try config(#"{"auths":{"r.io":{\#(entry),"auth":"YTpi","identitytoken":"t"}}}"#)
    #expect(token.storedCredential(host: "r.io")?.isIdentityToken == true)
    let plain = try config(#"{"auths":{"r.io":{\#(entry)}}}"#).storedCredential(host: "r.io")
    #expect(plain?.password == "p")
  }

  @Test(
    "A broken file is refused without a word of what stands in it",
    arguments: [
      "secret-word", "[]", #"{"auths":{"r.io":{"auth":"secret-word!"}}}"#, #"{"auths":{"r.io":{"auth":"c2VjcmV0"}}}"#,
    ])
  func broken(_ text: String) {
    let error = #expect(throws: DockerConfigError.self) { try config(text) }
    #expect(error?.description.contains("config.json") == true)
    #expect(error?.description.contains("secret") == false)
  }

  @Test("Contents that give the same credentials are equal however they are written")
  func meaning() throws {
    func same(_ left: String, _ right: String) -> Bool {
      DockerConfigSecret.haveSameMeaning(Array(left.utf8), Array(right.utf8))
    }
    let one = #"{"auths":{"https://r.io/v2/":{"auth":"dTpw"}}}"#
    #expect(same(one, #"{ "auths": {"r.io": {"username":"u", "password":"p", "email":"e"}}}"#))
    #expect(!same(one, #"{"auths":{"r.io":{"auth":"dTpx"}}}"#))
    #expect(!same(one, #"{"auths":{"r.io":{"auth":"dTpw"},"s.io":{"auth":"dTpw"}}}"#))
    #expect(!same(one, #"{"auths":{"r.io:5000":{"auth":"dTpw"}}}"#))
    #expect(!same(one, #"{"auths":{"https://r.io/v2/":{"auth":"dTpw"}},"credsStore":"x"}"#))
    #expect(!same("x", "x"))
  }

  @Test("Nothing prints a credential")
  func redacted() throws {
    let credential = RegistryCredential(username: "user-word", password: "secret-word")
    var text = "\(credential) \(String(reflecting: credential)) \(credential as Any) \([credential])"
    dump(credential, to: &text)
    customDump(credential, to: &text)
    let config = try DockerConfig(parsing: DockerConfigSecret.bytes(["r.io": credential]), name: "x")
    dump(config, to: &text)
    text += "\(config)"
    #expect(text.contains("redacted"))
    #expect(!text.contains("secret-word") && !text.contains("user-word"))
  }

  @Test("Docker's file comes before podman's, and the environment moves both")
  func paths() {
    expectNoDifference(
      DockerConfigFiles.paths(environment: ["HOME": "/h", "XDG_RUNTIME_DIR": "/run/1"]),
      ["/h/.docker/config.json", "/run/1/containers/auth.json", "/h/.config/containers/auth.json"])
    expectNoDifference(
      DockerConfigFiles.paths(environment: ["HOME": "/h", "DOCKER_CONFIG": "/d", "REGISTRY_AUTH_FILE": "/a.json"]),
      ["/d/config.json", "/a.json"])
    expectNoDifference(DockerConfigFiles.paths(environment: [:]), [])
  }
}

@Suite("Credential helpers")
struct CredentialHelperTests {
  private func config(_ text: String) throws -> DockerConfig {
    try DockerConfig(parsing: Array(text.utf8), name: "config.json")
  }

  private func answer(_ text: String, exitCode: Int = 0) -> CredentialHelper.Output {
    CredentialHelper.Output(exitCode: exitCode, standardOutput: Array(text.utf8))
  }

  @Test("A helper named for the registry is asked before the store, with the server on its standard input")
  func named() async throws {
    let config = try config(#"{"credHelpers":{"r.io:5000":"ecr-login"},"credsStore":"desktop"}"#)
    let found = try await config.credential(host: "r.io:5000") { call in
      #expect(call == .init(program: "docker-credential-ecr-login", input: "r.io:5000"))
      return answer(#"{"ServerURL":"r.io:5000","Username":"AWS","Secret":"s:\"x"}"#)
    }
    #expect(found == RegistryCredential(username: "AWS", password: "s:\"x"))
    let hub = try await config.credential(host: "docker.io") { call in
      #expect(call == .init(program: "docker-credential-desktop", input: "https://index.docker.io/v1/"))
      return answer(#"{"ServerURL":"","Username":"<token>","Secret":"t"}"#)
    }
    #expect(hub?.isIdentityToken == true)
  }

  @Test("A helper without the credential leaves it to the file")
  func notFound() async throws {
    let config = try config(#"{"auths":{"r.io":{"auth":"dTpw"}},"credsStore":"desktop"}"#)
    let found = try await config.credential(host: "r.io") { _ in
      answer("credentials not found in native keychain\n", exitCode: 1)
    }
    #expect(found == RegistryCredential(username: "u", password: "p"))
  }

  @Test("A helper that fails is an error that names it and not what it said on standard output")
  func failed() async throws {
    let config = try config(#"{"credsStore":"desktop"}"#)
    let error = await #expect(throws: RegistryError.self) {
      try await config.credential(host: "r.io") { _ in
        CredentialHelper.Output(
          exitCode: 2, standardOutput: Array("secret-word".utf8), standardError: Array("no bus".utf8))
      }
    }
    #expect(error?.code == .credentialUnavailable)
    #expect(error?.description.contains("docker-credential-desktop") == true)
    #expect(error?.description.contains("no bus") == true)
    #expect(error?.description.contains("secret-word") == false)
  }

  @Test("A helper's name that is a path is never run")
  func path() async throws {
    let config = try config(#"{"credsStore":"../../tmp/x"}"#)
    await #expect(throws: RegistryError.self) {
      try await config.credential(host: "r.io") { call in
        Issue.record("ran \(call.program)")
        return answer("{}")
      }
    }
  }

  @Test("The provider asks file after file until one knows the registry")
  func provider() async throws {
    let provider = DockerConfigFiles.provider(
      paths: ["/none", "/docker", "/podman"],
      read: { path in
        switch path {
        case "/docker": Array(#"{"auths":{"other.io":{"auth":"eDp5"}}}"#.utf8)
        case "/podman": Array(#"{"auths":{"r.io":{"auth":"dTpw"}}}"#.utf8)
        default: nil
        }
      }, runHelper: { _ in CredentialHelper.Output(exitCode: 1, standardOutput: []) })
    #expect(try await provider("r.io") == RegistryCredential(username: "u", password: "p"))
    #expect(try await provider("none.io") == nil)
  }
}
