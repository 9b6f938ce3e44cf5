import FoundationEssentials
import HTTP
import TestSupport
import Testing

@testable import SetupCore

@Suite("The check of the registry's certificate")
struct RegistryTLSTests {
  /// 2026-11-24 07:00:00 UTC.
  private static let now = Date(timeIntervalSince1970: 1_795_503_600)

  private static func certificate(
    _ subject: String = "CN = registry.example.com", issuer: String = "CN = Company CA",
    until: String = "Nov 24 07:00:00 2027 GMT"
  ) -> PresentedCertificate {
    PresentedCertificate(
      subject: subject, issuer: issuer, notBefore: "Nov 24 07:00:00 2025 GMT", notAfter: until,
      names: ["DNS:registry.example.com"], pem: "")
  }

  private func judge(
    _ trust: RegistryTLS.Trust, _ chain: Observed<[PresentedCertificate]> = .seen([certificate()]),
    authority: String? = nil
  ) -> Finding {
    finding(.registryTLS) {
      $0.registryTLS = .seen(
        RegistryTLS(
          host: "registry.example.com:5000", trust: trust, chain: chain, authority: authority, seenAt: Self.now))
    }
  }

  @Test("A chain that the machine's own bundle vouches for passes, and is shown")
  func trusted() {
    let found = judge(.trusted)
    #expect(found.status == .pass)
    #expect(found.observed == "signed by CN = Company CA, 365 days left")
    #expect(
      found.details == [
        "1. CN = registry.example.com, signed by CN = Company CA, until Nov 24 07:00:00 2027 GMT, for DNS:registry.example.com"
      ])
  }

  @Test("A CA file that was given to us says nothing about the nodes, so it warns and tells what to do there")
  func ownAuthority() {
    let found = judge(.trusted, authority: "ca.pem")
    #expect(found.status == .warn)
    #expect(
      found.message
        == "This machine trusts registry.example.com:5000 by ca.pem; whether the nodes' container runtime does cannot be seen from here."
    )
    #expect(found.remedy?.text.contains("/etc/containerd/certs.d/registry.example.com:5000/ca.crt") == true)
    #expect(
      found.remedy?.command == "crictl pull registry.example.com:5000/datarobot/mlops-management-agent:11.2.62")
  }

  @Test(
    "A bundle of SSL_CERT_FILE is one that nodes may lack, unless it is the system's",
    arguments: [
      ("/etc/ssl/certs/ca-certificates.crt", FindingStatus.pass), ("/home/admin/bundle.pem", .warn), ("", .pass),
    ])
  func environmentBundle(_ path: String, _ expected: FindingStatus) async throws {
    let environment = Samples.environment.merging(["SSL_CERT_FILE": path]) { $1 }
    let setup = try Samples.setup(http: PresentingTransport(chain: [Self.certificate()]), environment: environment)
    let results = await CheckRunner(setup: setup, checks: [.registryTLS]).run().results
    #expect(results[0].finding.status == expected, "\(results)")
  }

  @Test("No credential is sent to look at certificates")
  func anonymous() async throws {
    let transport = ScriptedTransport { _ in .text(401, headers: ["WWW-Authenticate": #"Basic realm="r""#]) }
    let results = await CheckRunner(setup: try Samples.setup(http: transport), checks: [.registryTLS]).run().results
    #expect(results[0].finding.status == .warn)  // this transport shows no certificates
    #expect(transport.lines == ["GET https://registry.example.com:5000/v2/"])
    #expect(transport.requests.allSatisfy { $0.headers["Authorization"] == nil })
  }

  @Test(
    "A certificate that ends within 14 days warns, wherever in the chain it stands",
    arguments: [
      ("Dec  8 06:59:59 2026 GMT", 13, FindingStatus.warn), ("Dec  8 07:00:00 2026 GMT", 14, .pass),
      ("Nov 24 08:00:00 2026 GMT", 0, .warn),
    ])
  func soon(_ until: String, _ days: Int, _ expected: FindingStatus) {
    let chain = [Self.certificate(), Self.certificate("CN = Company CA", issuer: "CN = Root", until: until)]
    let found = judge(.trusted, .seen(chain))
    #expect(found.status == expected, "\(found)")
    #expect(found.observed.hasSuffix("\(days) days left"))
    if expected == .warn { #expect(found.message.contains("The certificate CN = Company CA of")) }
  }

  @Test("Dates that were not seen or not understood are not green")
  func unseen() {
    let failed = Observed<[PresentedCertificate]>.failed(ObservationFailure(.unreachable, "reset"))
    for chain in [.notAsked, failed, .seen([]), .seen([Self.certificate(until: "2027-11-24 07:00:00Z")])] {
      #expect(judge(.trusted, chain).status == .warn)
    }
  }

  @Test("An unknown signer fails and is named: the issuer of the last certificate that was sent")
  func untrusted() {
    let chain = [Self.certificate(), Self.certificate("CN = Company CA", issuer: "CN = Company Root")]
    let found = judge(.untrusted("no"), .seen(chain))
    #expect(found.status == .fail)
    #expect(
      found.message
        == "The certificate of registry.example.com:5000 leads to the CA CN = Company Root, which this machine does not know."
    )
    #expect(found.remedy?.command?.hasPrefix("openssl s_client -connect registry.example.com:5000") == true)
    let wrongFile = judge(.untrusted("no"), .seen(chain), authority: "ca.pem")
    #expect(wrongFile.message.hasSuffix("which the CA file ca.pem does not hold."))
    let own = judge(.untrusted("no"), .seen([Self.certificate("CN = me", issuer: "CN = me")]))
    #expect(own.message.contains("is signed by itself (CN = me)"))
    #expect(judge(.untrusted("no"), .notAsked).status == .fail)
  }

  @Test("An expired certificate and one for other names fail with what was seen")
  func wrong() {
    let expired = judge(.expired("it has ended"), .seen([Self.certificate(until: "Jan  1 00:00:00 2021 GMT")]))
    #expect(expired.status == .fail)
    #expect(expired.observed == "ended Jan  1 00:00:00 2021 GMT")
    let named = judge(.nameMismatch("it is for others"))
    #expect(named.status == .fail)
    #expect(named.observed == "a certificate for DNS:registry.example.com")
    #expect(named.remedy?.text.contains("have one issued for registry.example.com") == true)
  }

  @Test("Plain http warns about the password; what could not be looked at is unknown")
  func others() {
    let plain = judge(.plain, .notAsked)
    #expect(plain.status == .warn)
    #expect(plain.message.contains("the password crosses the network in the clear"))
    let late = finding(.registryTLS) { $0.registryTLS = .failed(ObservationFailure(.timedOut, "late")) }
    #expect(late.status == .unknown)
  }

  @Test(
    "OpenSSL's dates are read, and nothing else",
    arguments: [
      ("Nov 24 07:00:00 2026 GMT", 1_795_503_600.0), ("Jan  1 00:00:00 1970 GMT", 0),
      ("Feb 29 12:00:00 2028 GMT", 1_835_438_400), ("Mar  1 00:00:00 2000 GMT", 951_868_800),
      ("Nov 24 07:00:00 2026", nil), ("Foo 24 07:00:00 2026 GMT", nil), ("Nov 24 07:00 2026 GMT", nil), ("", nil),
    ] as [(String, Double?)])
  func dates(_ text: String, _ expected: Double?) {
    #expect(PresentedCertificate.date(text)?.timeIntervalSince1970 == expected)
  }

  @Test("Control characters in a certificate's names do not reach the report")
  func hostileNames() {
    let found = judge(.untrusted("no"), .seen([Self.certificate("CN = a\u{1b}[2J", issuer: "CN = b\u{7}")]))
    #expect(!"\(found)".contains("\u{1b}") && !"\(found.message)\(found.details)".contains("\u{7}"))
  }

  // MARK: With the real registry and curl

  private func look(_ answers: Answers, files: MemoryFiles? = nil) async throws -> [CheckResult] {
    let client = HTTPClient(configuration: .init(environment: [:]))
    var setup = try Samples.setup(answers, files: files, http: client)
    var world = setup.world
    world.now = { Date.now }
    setup = Setup(world: world, answers: answers, requirements: Samples.requirements)
    return await CheckRunner(setup: setup, checks: [.registryReachable, .registryTLS]).run().results
  }

  @Test("docker-registry with a CA of its own: unknown CA fails, given CA warns for the nodes", .timeLimit(.minutes(1)))
  func real() async throws {
    try await withScratchDirectory { folder in
      let certificates = try await TestCertificates(in: folder, name: "Company CA")
      let server = try await certificates.server()
      try await DockerRegistry.run(.init(tls: (server.certificatePath, server.keyPath))) { registry in
        let without = try await look(Samples.answers(["registry.server": .text(registry.host)]))
        #expect(without.map(\.finding.status) == [.fail, .fail])
        #expect(without[1].finding.message.contains("Company CA, which this machine does not know"), "\(without[1])")
        let files = try Samples.files([
          "/home/admin/work/ca.pem": String(decoding: certificates.authority.certificate, as: UTF8.self)
        ])
        let with = try await look(
          Samples.answers([
            "registry.server": .text(registry.host), "registry.certificateAuthority": .text("ca.pem"),
          ]), files: files)
        #expect(with.map(\.finding.status) == [.pass, .warn], "\(with)")
        #expect(with[1].finding.observed.hasSuffix("29 days left"), "\(with[1].finding.observed)")
        #expect(with[1].finding.details.first?.contains("IP Address:127.0.0.1") == true)
      }
    }
  }

  @Test(
    "A certificate for another name, and one that has ended, are told apart", .timeLimit(.minutes(1)),
    arguments: [
      (["DNS:other.example.com"], TestCertificates.Validity.current, "a certificate for DNS:other.example.com"),
      (["IP:127.0.0.1"], .expired, "ended Jan  1 00:00:00 2021 GMT"),
    ])
  func realWrong(_ names: [String], _ validity: TestCertificates.Validity, _ observed: String) async throws {
    try await withScratchDirectory { folder in
      let certificates = try await TestCertificates(in: folder)
      let server = try await certificates.server(names: names, validity: validity)
      try await DockerRegistry.run(.init(tls: (server.certificatePath, server.keyPath))) { registry in
        let files = try Samples.files([
          "/home/admin/work/ca.pem": String(decoding: certificates.authority.certificate, as: UTF8.self)
        ])
        let results = try await look(
          Samples.answers([
            "registry.server": .text(registry.host), "registry.certificateAuthority": .text("ca.pem"),
          ]), files: files)
        #expect(results.map(\.finding.status) == [.fail, .fail], "\(results)")
        #expect(results[1].finding.observed == observed)
      }
    }
  }
}

/// A transport whose peers answer 200 and present a chain.
private struct PresentingTransport: HTTPTransport, TLSInspecting {
  let chain: [PresentedCertificate]

  func send(_ request: HTTPRequest) async throws -> HTTPResponse { .text(200, "{}") }
  func stream(_ request: HTTPRequest) async throws -> HTTPStream {
    throw HTTPError(code: .protocolFailed, message: "no stream", url: request.url)
  }
  func presentedCertificates(
    _ url: String, tls: TLSOptions, proxy: ProxyChoice, timeout: Duration
  ) async throws -> [PresentedCertificate] { chain }
}
