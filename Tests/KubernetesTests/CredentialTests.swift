import FoundationEssentials
import HTTP
import Kubernetes
import Synchronization
import Testing
import Text

@Suite("Credentials")
struct CredentialTests {
  static let plugin = ExecPlugin(
    apiVersion: "client.authentication.k8s.io/v1", command: "aws", arguments: ["eks", "get-token"],
    environment: [.init(name: "AWS_PROFILE", value: "ops")], installHint: "\u{1B}[1mInstall\u{1B}[0m the AWS CLI",
    interactiveMode: .never)

  static func output(
    _ status: String, apiVersion: String = "client.authentication.k8s.io/v1", exitCode: Int = 0, stderr: String = ""
  ) -> ExecPluginOutput {
    ExecPluginOutput(
      exitCode: exitCode,
      stdout: Array(#"{"kind":"ExecCredential","apiVersion":"\#(apiVersion)","status":\#(status)}"#.utf8),
      stderr: Array(stderr.utf8))
  }

  static func connection(_ credential: Credential, server: String = "https://x", tls: TLSOptions = TLSOptions())
    -> ClusterConnection
  {
    ClusterConnection(server: server, tls: tls, credential: credential, user: "admin")
  }

  static func provider(
    _ connection: ClusterConnection, files: TestFiles = TestFiles(), clock: TestClock = TestClock(),
    run: @escaping @Sendable (ExecPluginInvocation) async throws -> ExecPluginOutput = { _ in throw NoProgram() }
  ) -> CredentialProvider {
    CredentialProvider(
      connection: connection,
      effects: CredentialEffects(
        read: { files.read($0) }, run: run, now: { clock.date }, environment: ["PATH": "/bin", "AWS_PROFILE": "x"]))
  }

  static func failure(_ body: () async throws -> some Any) async -> CredentialError? {
    do {
      _ = try await body()
      return nil
    } catch { return error as? CredentialError }
  }

  @Test("Tokens and passwords become headers over TLS, and nothing without it")
  func headers() async throws {
    #expect(
      try await Self.provider(Self.connection(.token(SecretText("t")))).authorization().header == SecretText("Bearer t")
    )
    let basic = Self.connection(.basic(name: "Aladdin", password: SecretText("open sesame")))
    #expect(try await Self.provider(basic).authorization().header == SecretText("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="))
    #expect(try await Self.provider(Self.connection(.none)).authorization() == Authorization())
    let plain = Self.connection(.token(SecretText("t")), server: "http://x")
    #expect(try await Self.provider(plain).authorization() == Authorization())
  }

  @Test(
    "A token that would break its header is refused and not shown", arguments: ["a\nHost: b", "x y", "ä", "a\u{7F}"])
  func unsendable(token: String) async {
    let provider = Self.provider(Self.connection(.token(SecretText(token))))
    let error = await Self.failure { try await provider.authorization() }
    #expect(error?.code == .unsendable)
    #expect(error?.description.contains(token) == false)
    let plugin = Self.provider(Self.connection(.exec(Self.plugin))) { _ in Self.output(#"{"token":"a\nb"}"#) }
    #expect(await Self.failure { try await plugin.authorization() }?.code == .unsendable)
  }

  @Test("A token file is read again after a minute, and its last token holds while it cannot be read")
  func tokenFile() async throws {
    let files = TestFiles(["/t": " one\n"])
    let clock = TestClock()
    let provider = Self.provider(
      Self.connection(.tokenFile("/t", fallback: SecretText("fallback"))), files: files, clock: clock)
    #expect(try await provider.authorization().header == SecretText("Bearer one"))
    files["/t"] = "two"
    clock.advance(.seconds(59))
    #expect(try await provider.authorization().header == SecretText("Bearer one"))
    #expect(files.reads("/t") == 1)
    clock.advance(.seconds(2))
    #expect(try await provider.authorization().header == SecretText("Bearer two"))
    files["/t"] = nil
    clock.advance(.seconds(61))
    #expect(try await provider.authorization().header == SecretText("Bearer two"))
  }

  @Test("A token file that never could be read is an error that names it; a token beside it holds")
  func missingTokenFile() async throws {
    let error = await Self.failure {
      try await Self.provider(Self.connection(.tokenFile("/t", fallback: nil))).authorization()
    }
    #expect(error?.code == .tokenFile)
    #expect(error?.message == "the token file /t does not exist")
    let provider = Self.provider(Self.connection(.tokenFile("/t", fallback: SecretText("a"))))
    #expect(try await provider.authorization().header == SecretText("Bearer a"))
  }

  @Test("A plugin is told the cluster and whether it may ask, and gets our environment under its own")
  func invocation() throws {
    var plugin = Self.plugin
    plugin.cluster = ExecClusterInfo(
      server: "https://x/y", tlsServerName: "inner", certificateAuthority: .pem(Array("ABC".utf8)),
      proxyURL: "http://p",
      disablesCompression: true, config: ["audience": "a/b"])
    let invocation = try plugin.invocation(environment: ["PATH": "/bin", "AWS_PROFILE": "x"], terminalAvailable: true)
    #expect(invocation.command == "aws")
    #expect(invocation.arguments == ["eks", "get-token"])
    #expect(!invocation.interactive)
    #expect(invocation.environment["PATH"] == "/bin")
    #expect(invocation.environment["AWS_PROFILE"] == "ops")
    let info =
      #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"cluster":"#
      + #"{"certificate-authority-data":"QUJD","config":{"audience":"a/b"},"disable-compression":true,"proxy-url":"http://p","#
      + #""server":"https://x/y","tls-server-name":"inner"},"interactive":false}}"#
    #expect(invocation.environment["KUBERNETES_EXEC_INFO"] == info)
  }

  @Test("Without provideClusterInfo the cluster is left out, and the terminal is offered by the mode")
  func interactive() throws {
    var plugin = Self.plugin
    plugin.interactiveMode = .ifAvailable
    #expect(try plugin.invocation(environment: [:], terminalAvailable: true).interactive)
    #expect(try !plugin.invocation(environment: [:], terminalAvailable: false).interactive)
    let info = try plugin.invocation(environment: [:], terminalAvailable: false).environment["KUBERNETES_EXEC_INFO"]
    #expect(info?.contains("cluster") == false)
    plugin.interactiveMode = .always
    #expect(try plugin.invocation(environment: [:], terminalAvailable: true).interactive)
    #expect(throws: CredentialError.self) { try plugin.invocation(environment: [:], terminalAvailable: false) }
  }

  @Test("A CA file is handed to the plugin as its bytes")
  func authorityFile() async throws {
    var plugin = Self.plugin
    plugin.cluster = ExecClusterInfo(server: "https://x", certificateAuthority: .file("/ca"))
    let seen = Mutex<String?>(nil)
    let provider = Self.provider(Self.connection(.exec(plugin)), files: TestFiles(["/ca": "ABC"])) { invocation in
      seen.withLock { $0 = invocation.environment["KUBERNETES_EXEC_INFO"] }
      return Self.output(#"{"token":"a"}"#)
    }
    _ = try await provider.authorization()
    #expect(seen.withLock { $0 }?.contains(#""certificate-authority-data":"QUJD""#) == true)
  }

  @Test(
    "What a plugin may not print is an error that says so",
    arguments: [
      (output("{}"), "aws printed neither a token nor a certificate"),
      (output(#"{"clientCertificateData":"x"}"#), "aws printed only one of certificate and key"),
      (output("null", stderr: "\u{1B}[31mlog in first\u{1B}[0m"), "aws printed no status: log in first"),
      (
        output(#"{"token":"a"}"#, apiVersion: "client.authentication.k8s.io/v1beta1"),
        "aws answers with API version client.authentication.k8s.io/v1beta1, but the kubeconfig asks for client.authentication.k8s.io/v1"
      ),
      (
        output("{}", exitCode: 255, stderr: "expired SSO\nrun aws sso login\n"),
        "aws ended with exit code 255: expired SSO\nrun aws sso login"
      ),
      (
        output(#"{"token":"a","expirationTimestamp":"soon"}"#),
        "aws printed an expirationTimestamp that is no time: soon"
      ),
      (ExecPluginOutput(exitCode: 0, stdout: Array("please log in".utf8)), "aws printed no ExecCredential"),
      (
        ExecPluginOutput(exitCode: 0, stdout: Array(#"{"kind":"Pod"}"#.utf8)),
        #"aws printed a "Pod" instead of an ExecCredential"#
      ),
    ])
  func badOutput(output: ExecPluginOutput, message: String) async {
    let error = await Self.failure { try Self.plugin.credential(from: output) }
    #expect(error?.message == message)
  }

  @Test("A missing program brings its install hint, cleaned")
  func notFound() async {
    let provider = Self.provider(Self.connection(.exec(Self.plugin))) { _ in throw ExecPluginStartError.notFound }
    let error = await Self.failure { try await provider.authorization() }
    #expect(error?.code == .pluginNotFound)
    #expect(
      error?.description
        == "the program aws, which the kubeconfig names to log in, was not found. Install the AWS CLI")
  }

  @Test("A plugin runs once for many requests, and again when its credential has ended")
  func cache() async throws {
    let runs = Mutex(0)
    let clock = TestClock()
    let provider = Self.provider(Self.connection(.exec(Self.plugin)), clock: clock) { _ in
      try await Task.sleep(for: .milliseconds(20))
      let run = runs.withLock {
        $0 += 1
        return $0
      }
      let expires = clock.date.addingTimeInterval(600).ISO8601Format()
      return Self.output(#"{"token":"t\#(run)","expirationTimestamp":"\#(expires)"}"#)
    }
    let headers = try await withThrowingTaskGroup(of: SecretText?.self) { group in
      for _ in 0..<20 { group.addTask { try await provider.authorization().header } }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(headers == [SecretText("Bearer t1")])
    #expect(runs.withLock { $0 } == 1)
    clock.advance(.seconds(599))
    #expect(try await provider.authorization().header == SecretText("Bearer t1"))
    clock.advance(.seconds(2))
    #expect(try await provider.authorization().header == SecretText("Bearer t2"))
  }

  @Test("A certificate from a plugin is shown in place of a header")
  func pluginCertificate() async throws {
    let provider = Self.provider(Self.connection(.exec(Self.plugin))) { _ in
      Self.output(#"{"clientCertificateData":"CERT","clientKeyData":"KEY"}"#)
    }
    let authorization = try await provider.authorization()
    #expect(authorization.header == nil)
    let request = KubernetesRequest.raw("/version").httpRequest(
      connection: Self.connection(.exec(Self.plugin)), authorization: authorization)
    #expect(request.tls.clientCertificate == .pem(Array("CERT".utf8)))
    #expect(request.tls.clientKey == .pem(Array("KEY".utf8)))
    #expect(request.headers["Authorization"] == nil)
  }

  @Test("A plugin that nobody waits for any more is cancelled")
  func cancellation() async throws {
    let cancelled = Mutex(false)
    let provider = Self.provider(Self.connection(.exec(Self.plugin))) { _ in
      do {
        try await Task.sleep(for: .seconds(60))
      } catch {
        cancelled.withLock { $0 = true }
        throw error
      }
      return Self.output(#"{"token":"a"}"#)
    }
    let task = Task { try await provider.authorization() }
    try await Task.sleep(for: .milliseconds(50))
    task.cancel()
    let error = await Self.failure { try await task.value }
    #expect(error?.code == .cancelled)
    #expect(cancelled.withLock { $0 })
  }

  @Test("A client certificate says until when it holds and whom it names")
  func certificate() throws {
    let long = try ClientCertificate(pem: Recording.fixture("certificates/long.pem"))
    #expect(long.commonName == "admin")
    #expect(long.organizations == ["system:masters", "ops"])
    #expect(long.expires.timeIntervalSince1970 == 2_741_581_727)  // 2056, beyond UTCTime
    let short = try ClientCertificate(pem: Array("noise\n".utf8) + Recording.fixture("certificates/short.pem"))
    #expect(short.commonName == "viewer")
    #expect(short.expires.timeIntervalSince(short.begins) == 30 * 86_400)
    #expect(try ClientCertificate.expiry(pem: Recording.fixture("certificates/long.pem")) == long.expires)
  }

  @Test(
    "What is no certificate is an error",
    arguments: [
      "", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
      "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----",
    ])
  func noCertificate(text: String) {
    #expect(throws: CredentialError.self) { try ClientCertificate(pem: Array(text.utf8)) }
  }

  @Test("An expired client certificate is refused before anything is sent")
  func expired() async throws {
    let pem = try Recording.fixture("certificates/short.pem")
    let connection = Self.connection(.none, tls: TLSOptions(clientCertificate: .pem(pem), clientKey: .file("/k")))
    let clock = TestClock()
    _ = try await Self.provider(connection, clock: clock).authorization()
    clock.advance(.seconds(31 * 86_400))
    let error = await Self.failure { try await Self.provider(connection, clock: clock).authorization() }
    #expect(error?.code == .clientCertificateExpired)
    #expect(
      error?.message.hasPrefix(
        #"the client certificate for "viewer" ended on 2026-12-24; this machine's clock says 2026-12-25"#) == true)
  }

  @Test("The certificate that is shown is told with its place, whether it has ended or not; a token is none")
  func shownCertificate() async throws {
    let pem = String(decoding: try Recording.fixture("certificates/short.pem"), as: UTF8.self)
    var tls = TLSOptions()
    tls.clientCertificate = .file("/c.pem")
    let later = TestClock()
    later.advance(.seconds(400 * 86_400))
    let file = Self.provider(Self.connection(.none, tls: tls), files: TestFiles(["/c.pem": pem]), clock: later)
    let shown = try #require(await file.shownCertificate())
    #expect(shown.source == "client-certificate /c.pem of user \"admin\"")
    #expect(shown.certificate.commonName == "viewer")
    #expect(!shown.isRenewed)

    let lines = pem.split(separator: "\n").joined(separator: "\\n")
    let plugin = Self.provider(Self.connection(.exec(Self.plugin))) { _ in
      Self.output(#"{"clientCertificateData":"\#(lines)","clientKeyData":"k"}"#)
    }
    let issued = try #require(await plugin.shownCertificate())
    #expect(issued.source == "the output of aws of user \"admin\"")
    #expect(issued.isRenewed)
    #expect(try await Self.provider(Self.connection(.token(SecretText("t")))).shownCertificate() == nil)
    #expect(
      await Self.failure { try await Self.provider(Self.connection(.none, tls: tls)).shownCertificate() }?.code
        == .clientCertificateInvalid)
  }
}
