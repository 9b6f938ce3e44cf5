import FoundationEssentials
import HTTP
import Text

extension ExecPlugin {
  /// Builds the run: our environment, the plugin's own, then `KUBERNETES_EXEC_INFO`. A CA that is still a file is left out.
  public func invocation(
    environment host: [String: String], terminalAvailable: Bool
  ) throws(CredentialError) -> ExecPluginInvocation {
    let interactive: Bool
    switch interactiveMode {
    case .never: interactive = false
    case .ifAvailable: interactive = terminalAvailable
    case .always:
      guard terminalAvailable else {
        throw CredentialError(
          .noTerminal,
          "\(printable(command)) must be run at a terminal (interactiveMode: Always) and there is none here",
          nextStep: "Log in beforehand by running \(printable(command)) yourself, or run this program at a terminal")
      }
      interactive = true
    }
    var environment = host
    for variable in self.environment { environment[variable.name] = variable.value }
    environment["KUBERNETES_EXEC_INFO"] = try execInfo(interactive: interactive)
    return ExecPluginInvocation(
      command: command, arguments: arguments, environment: environment, interactive: interactive)
  }

  private func execInfo(interactive: Bool) throws(CredentialError) -> String {
    var spec: JSONValue = ["interactive": .bool(interactive)]
    if let cluster {
      var object: JSONValue = ["server": .string(cluster.server)]
      if let name = cluster.tlsServerName { object["tls-server-name"] = .string(name) }
      if cluster.skipsVerification { object["insecure-skip-tls-verify"] = true }
      if case .pem(let authority)? = cluster.certificateAuthority {
        object["certificate-authority-data"] = .string(Data(authority).base64EncodedString())
      }
      if let proxy = cluster.proxyURL { object["proxy-url"] = .string(proxy) }
      if cluster.disablesCompression { object["disable-compression"] = true }
      if let config = cluster.config { object["config"] = config }
      spec["cluster"] = object
    }
    let value: JSONValue = ["kind": "ExecCredential", "apiVersion": .string(apiVersion), "spec": spec]
    do {
      return String(decoding: try JSON.encode(value), as: UTF8.self)
    } catch {
      throw CredentialError(
        .pluginOutput, "the exec extension of the cluster cannot be written as JSON: \(error)",
        nextStep: "Correct the extension client.authentication.k8s.io/exec in the kubeconfig")
    }
  }

  /// Reads what the program printed, or says what is wrong with it.
  public func credential(from output: ExecPluginOutput) throws(CredentialError) -> ExecCredential {
    let name = printable(command)
    let complaint = printable(String(decoding: output.stderr, as: UTF8.self), limit: 2_000, keepsLines: true)
    guard output.exitCode == 0 else {
      throw CredentialError(
        .pluginFailed, "\(name) ended with exit code \(output.exitCode)" + (complaint.isEmpty ? "" : ": \(complaint)"),
        nextStep: "Log in with the tool that it belongs to, or run it yourself to see what it wants")
    }
    let printed: Printed
    do {
      printed = try JSON.decode(Printed.self, output.stdout)
    } catch {
      throw invalid("printed no ExecCredential", complaint)
    }
    guard printed.kind == "ExecCredential" else {
      throw invalid("printed a \"\(printable(printed.kind ?? "", limit: 60))\" instead of an ExecCredential", complaint)
    }
    guard printed.apiVersion == apiVersion else {
      throw CredentialError(
        .pluginOutput,
        "\(name) answers with API version \(printable(printed.apiVersion ?? "(none)", limit: 60)), "
          + "but the kubeconfig asks for \(apiVersion)",
        nextStep: "Update the program, or let its tool write the kubeconfig again")
    }
    guard let status = printed.status else { throw invalid("printed no status", complaint) }
    return try credential(from: status, complaint)
  }

  private func credential(from status: Printed.Status, _ complaint: String) throws(CredentialError) -> ExecCredential {
    let token = status.token.flatMap { $0.isEmpty ? nil : SecretText($0) }
    let pair = (status.clientCertificateData ?? "", status.clientKeyData ?? "")
    if pair.0.isEmpty != pair.1.isEmpty { throw invalid("printed only one of certificate and key", complaint) }
    if token == nil && pair.0.isEmpty { throw invalid("printed neither a token nor a certificate", complaint) }
    var expires: Date?
    if let text = status.expirationTimestamp, !text.isEmpty {
      guard let date = Timestamp.rfc3339(text) else {
        throw invalid("printed an expirationTimestamp that is no time: \(printable(text, limit: 60))", complaint)
      }
      expires = date
    }
    return ExecCredential(
      token: token,
      certificate: pair.0.isEmpty
        ? nil : CertificatePair(certificate: SecretText(pair.0), key: SecretText(pair.1)),
      expires: expires)
  }

  private func invalid(_ what: String, _ complaint: String) -> CredentialError {
    CredentialError(
      .pluginOutput, "\(printable(command)) \(what)" + (complaint.isEmpty ? "" : ": \(complaint)"),
      nextStep: "Run it yourself; on standard output it must print one ExecCredential of \(apiVersion) and nothing else"
    )
  }

  /// What to say where the program does not exist.
  func notFound() -> CredentialError {
    let hint = printable(installHint ?? "", limit: 2_000, keepsLines: true)
    return CredentialError(
      .pluginNotFound, "the program \(printable(command)), which the kubeconfig names to log in, was not found",
      nextStep: hint.isEmpty ? "Install it, and see that it is in PATH" : hint)
  }

  private struct Printed: Decodable {
    struct Status: Decodable {
      var token: String?
      var clientCertificateData: String?
      var clientKeyData: String?
      var expirationTimestamp: String?
    }
    var kind: String?
    var apiVersion: String?
    var status: Status?
  }
}
