import HTTP
import TestSupport
import Testing

@Suite("TLS", .timeLimit(.minutes(1)))
struct TLSTests {
  let client = makeClient()

  /// An authority of the test's own.
  func withCertificates<Result>(_ body: (TestCertificates) async throws -> Result) async throws -> Result {
    try await withScratchDirectory { try await body(try await TestCertificates(in: $0)) }
  }

  /// An nginx with a good server certificate, and what it takes to trust it.
  func withFront<Result>(
    offersHTTP2: Bool = true, clientCertificates: NginxFront.ClientCertificates = .off,
    _ body: (_ url: String, _ tls: TLSOptions, _ certificates: TestCertificates) async throws -> Result
  ) async throws -> Result {
    try await withCertificates { certificates in
      let configuration = NginxFront.Configuration(
        server: try await certificates.server(), offersHTTP2: offersHTTP2, clientCertificates: clientCertificates,
        clientAuthorityPath: certificates.authority.certificatePath)
      return try await NginxFront.run(configuration) { front in
        try await body(front.url, TLSOptions(certificateAuthority: certificates.bundle), certificates)
      }
    }
  }

  @Test("A CA from memory and one from a file are trusted")
  func authority() async throws {
    try await withFront { url, tls, certificates in
      let file = TLSOptions(certificateAuthority: .file(certificates.authority.certificatePath))
      for options in [tls, file] {
        let response = try await client.send(HTTPRequest(url: url, tls: options))
        #expect(response.status == 200)
      }
    }
  }

  @Test("HTTP/2 is spoken where offered, many requests at once over one connection")
  func http2() async throws {
    try await withFront { url, tls, _ in
      let responses = try await withThrowingTaskGroup(of: HTTPResponse.self) { group in
        for number in 0..<20 { group.addTask { try await client.send(HTTPRequest(url: "\(url)/\(number)", tls: tls)) } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(responses.allSatisfy { $0.version == .http2 && $0.headers["X-Front-Protocol"] == "HTTP/2.0" })
      #expect(Set(responses.map { $0.headers["x-front-connection"] }).count == 1)
      #expect(responses.count == 20)
    }
  }

  @Test("HTTP/1.1 is spoken where nothing else is offered")
  func http1() async throws {
    try await withFront(offersHTTP2: false) { url, tls, _ in
      let response = try await client.send(HTTPRequest(url: url, tls: tls))
      #expect(response.version == .http1)
      #expect(response.headers["X-Front-Protocol"] == "HTTP/1.1")
    }
  }

  @Test("A stream has a connection of its own, in HTTP/1.1")
  func streams() async throws {
    try await withFront { url, tls, _ in
      let response = try await client.send(HTTPRequest(url: url, tls: tls))
      let stream = try await client.stream(HTTPRequest(url: url, tls: tls))
      #expect(stream.headers["X-Front-Protocol"] == "HTTP/1.1")
      #expect(stream.headers["X-Front-Connection"] != response.headers["X-Front-Connection"])
      var text: [UInt8] = []
      for try await chunk in stream.body { text += chunk }
      #expect(String(decoding: text, as: UTF8.self).hasPrefix("GET / host=127.0.0.1:"))
      let again = try await client.send(HTTPRequest(url: url, tls: tls))
      #expect(again.version == .http2)
    }
  }

  @Test("Without the CA, or with another's, the certificate is untrusted; without verification it passes")
  func untrusted() async throws {
    try await withScratchDirectory { directory in
      let other = try await TestCertificates(in: directory, name: "Other CA")
      try await withFront { url, tls, _ in
        // First a trusted one: its connection must not serve those that follow.
        #expect(try await client.send(HTTPRequest(url: url, tls: tls)).status == 200)
        for options in [TLSOptions(), TLSOptions(certificateAuthority: other.bundle)] {
          let error = try await failure { try await client.send(HTTPRequest(url: url, tls: options)) }
          #expect(error.code == .certificateUntrusted)
        }
        let careless = TLSOptions(certificateAuthority: other.bundle, skipsVerification: true)
        #expect(try await client.send(HTTPRequest(url: url, tls: careless)).status == 200)
        let error = try await failure { try await client.send(HTTPRequest(url: url)) }
        #expect(error.code == .certificateUntrusted)
      }
    }
  }

  @Test("SSL_CERT_FILE names the system's bundle and the request's own CA goes before it")
  func environmentBundle() async throws {
    try await withFront { url, tls, certificates in
      let client = makeClient(environment: ["SSL_CERT_FILE": certificates.authority.certificatePath])
      let found = try await client.send(HTTPRequest(url: url))
      #expect(found.status == 200)
      let lost = makeClient(environment: ["SSL_CERT_FILE": "/nowhere.pem"])
      let own = try await lost.send(HTTPRequest(url: url, tls: tls))
      #expect(own.status == 200)
    }
  }

  @Test(
    "A certificate out of its dates is told apart from one of nobody's",
    arguments: [TestCertificates.Validity.expired, .future])
  func expired(_ validity: TestCertificates.Validity) async throws {
    try await withCertificates { certificates in
      let server = try await certificates.server(validity: validity)
      try await NginxFront.run(NginxFront.Configuration(server: server)) { front in
        let tls = TLSOptions(certificateAuthority: certificates.bundle)
        let error = try await failure { try await client.send(HTTPRequest(url: front.url, tls: tls)) }
        #expect(error.code == .certificateExpired)
      }
    }
  }

  @Test("A certificate for another name mismatches; with that server name it passes and Host stays the URL's")
  func serverName() async throws {
    try await withCertificates { certificates in
      let server = try await certificates.server(names: ["DNS:api.cluster.test"])
      try await NginxFront.run(NginxFront.Configuration(server: server)) { front in
        var tls = TLSOptions(certificateAuthority: certificates.bundle)
        let error = try await failure { try await client.send(HTTPRequest(url: front.url, tls: tls)) }
        #expect(error.code == .certificateNameMismatch)
        tls.serverName = "api.cluster.test"
        let response = try await client.send(HTTPRequest(url: "\(front.url)/x?y=z", tls: tls))
        #expect(response.text == "GET /x?y=z host=127.0.0.1:\(front.port) user= group=\n")
        #expect(response.version == .http2)
        let stream = try await client.stream(HTTPRequest(url: front.url, tls: tls))
        #expect(stream.status == 200)
        tls.serverName = "other.cluster.test"
        let other = try await failure { try await client.send(HTTPRequest(url: front.url, tls: tls)) }
        #expect(other.code == .certificateNameMismatch)
        #expect(other.url == "\(front.url)/")
      }
    }
  }

  @Test("A client certificate is shown, from memory and from files")
  func identity() async throws {
    try await withFront(clientCertificates: .required) { url, tls, certificates in
      let user = try await certificates.client(user: "jane", groups: ["system:masters"])
      var memory = tls
      (memory.clientCertificate, memory.clientKey) = (.pem(user.certificate), .pem(user.key))
      let response = try await client.send(HTTPRequest(url: url, tls: memory))
      #expect(response.text.hasSuffix("user=jane group=system:masters\n"))
      var files = tls
      (files.clientCertificate, files.clientKey) = (.file(user.certificatePath), .file(user.keyPath))
      #expect(try await client.send(HTTPRequest(url: url, tls: files)).text.contains("user=jane"))
      var both = tls
      both.clientCertificate = .pem(user.certificate + user.key)
      #expect(try await client.send(HTTPRequest(url: url, tls: both)).text.contains("user=jane"))
      // nginx answers in HTTP instead of ending the handshake.
      #expect(try await client.send(HTTPRequest(url: url, tls: tls)).status == 400)
    }
  }

  @Test("Two identities never share a connection, and a key that does not fit gets none")
  func identitiesApart() async throws {
    try await withFront(clientCertificates: .optional) { url, tls, certificates in
      let jane = try await certificates.client(user: "jane")
      let john = try await certificates.client(user: "john")
      func options(_ certificate: TestCertificates.Pair, _ key: TestCertificates.Pair) -> TLSOptions {
        var options = tls
        (options.clientCertificate, options.clientKey) = (.pem(certificate.certificate), .pem(key.key))
        return options
      }
      for _ in 0..<2 {
        for (options, user) in [(options(jane, jane), "jane"), (options(john, john), "john"), (tls, "")] {
          let response = try await client.send(HTTPRequest(url: url, tls: options))
          #expect(response.text.contains("user=\(user) "))
        }
        let error = try await failure { try await client.send(HTTPRequest(url: url, tls: options(jane, john))) }
        #expect(error.code == .identityInvalid)
      }
    }
  }

  @Test("A file that was replaced is another identity")
  func rotated() async throws {
    try await withFront(clientCertificates: .optional) { url, tls, certificates in
      try await withScratchDirectory { directory in
        var options = tls
        options.clientCertificate = .file(directory.file("user.pem"))
        for user in ["first", "second"] {
          let pair = try await certificates.client(user: user)
          try directory.write(String(decoding: pair.certificate + pair.key, as: UTF8.self), to: "user.pem")
          #expect(try await client.send(HTTPRequest(url: url, tls: options)).text.contains("user=\(user) "))
        }
      }
    }
  }

  @Test("An identity that cannot be read is told apart from one that makes no sense")
  func brokenIdentity() async throws {
    try await withCertificates { certificates in
      let user = try await certificates.client(user: "jane")
      let encrypted = try await withScratchDirectory { directory in
        let openssl = try TestProgram("openssl", debianPackage: "openssl")
        try await openssl.run(["ec", "-in", user.keyPath, "-aes128", "-passout", "pass:x", "-out", directory.file("k")])
        return try directory.read("k")
      }
      try await withFront { url, tls, _ in
        func code(_ certificate: TLSOptions.Source?, _ key: TLSOptions.Source?) async throws -> (HTTPError.Code, String)
        {
          var options = tls
          (options.clientCertificate, options.clientKey) = (certificate, key)
          let error = try await failure { try await client.send(HTTPRequest(url: url, tls: options)) }
          return (error.code, error.message)
        }
        let good = TLSOptions.Source.pem(user.certificate)
        let locked = try await code(good, .pem(encrypted))
        #expect(locked.0 == .identityInvalid)
        #expect(try await code(good, nil).0 == .identityInvalid)
        #expect(
          try await code(nil, .pem(user.key)) == (.identityInvalid, "there is a client key but no client certificate"))
        #expect(
          try await code(.pem(Array("nonsense".utf8)), .pem(user.key)).1.hasPrefix("the client certificate holds no"))
        #expect(
          try await code(.file("/nowhere.pem"), .pem(user.key))
            == (.identityInvalid, "the client certificate /nowhere.pem cannot be read: No such file or directory"))
        let broken = Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)
        #expect(try await code(.pem(broken), .pem(user.key)).0 == .identityInvalid)
      }
    }
  }

  @Test(
    "A CA bundle that cannot be used is told apart",
    arguments: [
      TLSOptions.Source.file("/nowhere.pem"), .pem([]), .pem(Array("nonsense".utf8)),
      .pem(Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)),
    ])
  func brokenAuthority(_ source: TLSOptions.Source) async throws {
    try await withFront { url, _, _ in
      let options = TLSOptions(certificateAuthority: source)
      let error = try await failure { try await client.send(HTTPRequest(url: url, tls: options)) }
      #expect(error.code == .certificateAuthorityInvalid)
    }
  }

  @Test("A server that ends the handshake for want of a client certificate, or for a foreign one, says so")
  func handshakeEnded() async throws {
    try await withCertificates { certificates in
      let server = try await certificates.server()
      try await withScratchDirectory { directory in
        let stranger = try await TestCertificates(in: directory, name: "Stranger CA").client(user: "eve")
        let openssl = try TestProgram("openssl", debianPackage: "openssl")
        for version in ["-tls1_2", "-tls1_3"] {
          for shown in [nil, stranger] {
            let port = try NginxFront.freePort()
            let arguments =
              ["s_server", "-accept", "127.0.0.1:\(port)", "-naccept", "1", "-www", "-quiet", version]
              + ["-cert", server.certificatePath, "-key", server.keyPath, "-Verify", "1", "-verify_return_error"]
              + ["-CAfile", certificates.authority.certificatePath]
            let running = Task { try await openssl.run(arguments) }
            var options = TLSOptions(certificateAuthority: certificates.bundle)
            if let shown {
              (options.clientCertificate, options.clientKey) = (.pem(shown.certificate), .pem(shown.key))
            }
            var error: HTTPError
            repeat {
              error = try await failure {
                try await client.send(HTTPRequest(url: "https://127.0.0.1:\(port)/", tls: options))
              }
            } while error.code == .connectionRefused
            running.cancel()
            #expect(error.code == .tlsFailed, "\(version) \(error)")
            #expect(error.message.contains("client certificate"), "\(version) \(error)")
          }
        }
      }
    }
  }

  @Test("The chain that a peer shows can be looked at although nobody trusts it")
  func presented() async throws {
    try await withFront { url, _, _ in
      for _ in 0..<2 {
        let chain = try await client.presentedCertificates(url)
        #expect(chain.map(\.subject) == ["CN = test server"])
        #expect(chain.first?.issuer == "CN = Test CA")
        #expect(chain.first?.names.contains("DNS:localhost") == true)
        #expect(chain.first?.notAfter.hasSuffix("GMT") == true)
        #expect(chain.first?.pem.hasPrefix("-----BEGIN CERTIFICATE-----") == true)
      }
      let error = try await failure { try await client.presentedCertificates("http://127.0.0.1:1/") }
      #expect(error.code == .invalidURL)
    }
  }

  @Test("A plain http port is told apart from a broken TLS one")
  func plainPort() async throws {
    let server = try RawServer { connection in
      _ = connection.read()
      connection.write("HTTP/1.1 400 Bad Request\r\n\r\n")
    }
    let error = try await failure { try await client.send(HTTPRequest(url: "https://127.0.0.1:\(server.port)/")) }
    #expect(error.code == .tlsFailed)
    #expect(error.message.contains("is it a plain http port?"))
  }
}
