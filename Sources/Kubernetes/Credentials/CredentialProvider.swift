import FoundationEssentials
import HTTP
import Text

/// Obtains and keeps the credential of one connection. Concurrent requests share one run of a plugin.
public actor CredentialProvider {
  let connection: ClusterConnection
  private let effects: CredentialEffects
  private var generation = 0
  private var plugin: Cached<ExecCredential>?
  private var file: Cached<SecretText>?
  private var running: Running?
  private var certificateChecked = false

  private struct Cached<Value> {
    var value: Value
    var since: Date
  }

  private struct Running {
    var task: Task<Result<ExecCredential, CredentialError>, Never>
    var waiters: Int
    var generation: Int
  }

  /// A provider for one connection.
  public init(connection: ClusterConnection, effects: CredentialEffects) {
    self.connection = connection
    self.effects = effects
  }

  /// What to show now. Over anything but TLS: nothing.
  public func authorization() async throws(CredentialError) -> Authorization {
    guard connection.isSecure else { return Authorization() }
    try checkClientCertificate()
    switch connection.credential {
    case .none: return Authorization()
    case .token(let token): return try bearer(token)
    case .tokenFile(let path, let fallback): return try bearer(try tokenFromFile(path, fallback))
    case .basic(let name, let password):
      let pair = Data("\(name):\(password.reveal())".utf8).base64EncodedString()
      return Authorization(header: SecretText("Basic \(pair)"), generation: generation)
    case .exec(let plugin):
      // client-go leaves the plugin out where the user has a certificate of its own.
      if connection.tls.clientCertificate != nil { return Authorization() }
      let credential = try await credential(of: plugin)
      var authorization = try credential.token.map { token throws(CredentialError) in try bearer(token) }
      authorization?.certificate = credential.certificate
      return authorization ?? Authorization(header: nil, certificate: credential.certificate, generation: generation)
    }
  }

  /// Tells that the server refused this authorization with 401. True: another one can be had, ask again.
  public func refused(_ authorization: Authorization) -> Bool {
    guard connection.isSecure else { return false }
    switch connection.credential {
    case .exec:
      guard connection.tls.clientCertificate == nil else { return false }
      // Another request may have refreshed it already.
      if authorization.generation == generation { plugin = nil }
      return true
    case .tokenFile(let path, let fallback):
      let before = file?.value
      file = nil
      do {
        return try tokenFromFile(path, fallback) != before
      } catch {
        if let before { file = Cached(value: before, since: effects.now()) }
        return false
      }
    case .none, .token, .basic: return false
    }
  }

  /// A line end in a token would begin a header of its own.
  private func bearer(_ token: SecretText) throws(CredentialError) -> Authorization {
    guard token.reveal().utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw CredentialError(
        .unsendable, "\(connection.identity) holds a blank, a line end or another character that no token has",
        nextStep: "Copy the token again, in one line and without blanks")
    }
    return Authorization(header: SecretText("Bearer \(token.reveal())"), generation: generation)
  }

  // MARK: Token files

  private func tokenFromFile(_ path: String, _ fallback: SecretText?) throws(CredentialError) -> SecretText {
    let now = effects.now()
    if let file, now.timeIntervalSince(file.since) < 60, now >= file.since { return file.value }
    let failure: CredentialError
    do {
      let text = try effects.read(path).map { String(decoding: $0, as: UTF8.self) }
      let token = (text ?? "").trimmed
      if !token.isEmpty {
        let token = SecretText(token)
        if token != file?.value { generation += 1 }
        file = Cached(value: token, since: now)
        return token
      }
      failure = tokenFileError(path, text == nil ? "does not exist" : "is empty")
    } catch {
      failure = tokenFileError(path, "cannot be read: \(printable("\(error)", limit: 200))")
    }
    // As client-go: a token once read holds until its file can be read again.
    if let known = file?.value ?? fallback { return known }
    throw failure
  }

  private func tokenFileError(_ path: String, _ what: String) -> CredentialError {
    CredentialError(
      .tokenFile, "the token file \(printable(path)) \(what)",
      nextStep: "Log in again, or correct tokenFile in the kubeconfig")
  }

  // MARK: Plugins

  func credential(of plugin: ExecPlugin) async throws(CredentialError) -> ExecCredential {
    if let cached = self.plugin?.value, cached.expires.map({ effects.now() <= $0 }) ?? true { return cached }
    if running == nil {
      generation += 1
      let effects = effects
      running = Running(
        task: Task { await Self.run(plugin, effects) }, waiters: 0, generation: generation)
    }
    guard let current = running else { return try await Self.run(plugin, effects).get() }
    running?.waiters += 1
    let result = await withTaskCancellationHandler {
      await current.task.value
    } onCancel: {
      Task { await self.waiterGaveUp(current.generation) }
    }
    if running?.generation == current.generation {
      running = nil
      if case .success(let credential) = result { self.plugin = Cached(value: credential, since: effects.now()) }
    }
    return try result.get()
  }

  /// The program is ended when nobody waits for it any more.
  private func waiterGaveUp(_ generation: Int) {
    guard running?.generation == generation else { return }
    running?.waiters -= 1
    guard running?.waiters == 0 else { return }
    running?.task.cancel()
    running = nil
  }

  private static func run(
    _ plugin: ExecPlugin, _ effects: CredentialEffects
  ) async -> Result<ExecCredential, CredentialError> {
    do {
      var plugin = plugin
      if case .file(let path)? = plugin.cluster?.certificateAuthority {
        plugin.cluster?.certificateAuthority = try effects.read(path).map { .pem($0) }
      }
      let invocation = try plugin.invocation(
        environment: effects.environment, terminalAvailable: effects.terminalAvailable)
      return .success(try plugin.credential(from: await effects.run(invocation)))
    } catch let error as CredentialError {
      return .failure(error)
    } catch ExecPluginStartError.notFound {
      return .failure(plugin.notFound())
    } catch ExecPluginStartError.failed(let reason) {
      return .failure(
        CredentialError(
          .pluginFailed, "\(printable(plugin.command)) could not be started: \(printable(reason))",
          nextStep: "See that it is an executable for this machine"))
    } catch is CancellationError {
      return .failure(CredentialError(.cancelled, "the login was interrupted", nextStep: "Try again"))
    } catch {
      return .failure(
        CredentialError(
          .pluginFailed, "\(printable(plugin.command)) could not be run: \(printable("\(error)", limit: 300))",
          nextStep: "Run it yourself to see what it wants"))
    }
  }

  // MARK: Client certificates

  /// The text behind a kubeconfig's client certificate.
  func certificateText(_ source: TLSOptions.Source) throws(CredentialError) -> [UInt8] {
    switch source {
    case .pem(let bytes): return bytes
    case .file(let path):
      do {
        guard let bytes = try effects.read(path) else {
          throw CredentialError(
            .clientCertificateInvalid, "the client certificate \(printable(path)) does not exist",
            nextStep: "Correct client-certificate in the kubeconfig, or let its tool write it again")
        }
        return bytes
      } catch let error as CredentialError {
        throw error
      } catch {
        throw CredentialError(
          .clientCertificateInvalid,
          "the client certificate \(printable(path)) cannot be read: \(printable("\(error)", limit: 200))",
          nextStep: "See that you may read it")
      }
    }
  }

  /// A server answers an expired certificate with a bare 401 or a TLS alert; the date says it better.
  private func checkClientCertificate() throws(CredentialError) {
    guard !certificateChecked, let source = connection.tls.clientCertificate else { return }
    let pem = try certificateText(source)
    let certificate = try ClientCertificate(pem: pem)
    let now = effects.now()
    let name = certificate.commonName.map { " for \"\(printable($0, limit: 80))\"" } ?? ""
    guard now <= certificate.expires else {
      throw CredentialError(
        .clientCertificateExpired,
        "the client certificate\(name) ended on \(Timestamp.day(certificate.expires)); this machine's clock says \(Timestamp.day(now))",
        nextStep: "Get a new kubeconfig from whoever runs the cluster; kubeadm: kubeadm certs renew admin.conf")
    }
    guard now >= certificate.begins else {
      throw CredentialError(
        .clientCertificateInvalid,
        "the client certificate\(name) begins on \(Timestamp.day(certificate.begins)); this machine's clock says \(Timestamp.day(now))",
        nextStep: "Set this machine's clock")
    }
    certificateChecked = true
  }
}

extension String {
  /// Without blanks and line ends around it.
  fileprivate var trimmed: String {
    var text = drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
