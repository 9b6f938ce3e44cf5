public import FoundationEssentials
public import HTTP

/// A program that prints a credential (kubeconfig's `users[].user.exec`).
public struct ExecPlugin: Sendable, Equatable {
  /// Whether the program may ask the person at the terminal.
  public enum InteractiveMode: String, Sendable, Equatable {
    case never = "Never"
    case ifAvailable = "IfAvailable"
    case always = "Always"
  }

  /// One variable that is added to the environment.
  public struct Variable: Sendable, Equatable {
    /// The name.
    public var name: String
    /// The value.
    public var value: String

    /// A variable from its parts.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// `client.authentication.k8s.io/v1` or `/v1beta1`.
  public var apiVersion: String
  /// A name that is looked up in PATH, or a path.
  public var command: String
  /// Its arguments.
  public var arguments: [String]
  /// What is added to our own environment.
  public var environment: [Variable]
  /// How to get the program, for a person.
  public var installHint: String?
  /// Whether it may ask the person.
  public var interactiveMode: InteractiveMode
  /// What it is told of the cluster (`provideClusterInfo`).
  public var cluster: ExecClusterInfo?

  /// A plugin from its parts.
  public init(
    apiVersion: String, command: String, arguments: [String] = [], environment: [Variable] = [],
    installHint: String? = nil, interactiveMode: InteractiveMode = .ifAvailable, cluster: ExecClusterInfo? = nil
  ) {
    self.apiVersion = apiVersion
    self.command = command
    self.arguments = arguments
    self.environment = environment
    self.installHint = installHint
    self.interactiveMode = interactiveMode
    self.cluster = cluster
  }

  /// The API versions that exist.
  public static let apiVersions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
}

/// What a plugin is told of the cluster (client.authentication.k8s.io, Cluster).
public struct ExecClusterInfo: Sendable, Equatable {
  /// The server's URL.
  public var server: String
  /// The name that the server's certificate is checked for.
  public var tlsServerName: String?
  /// Whether any certificate is accepted.
  public var skipsVerification: Bool
  /// The CA bundle; a plugin is told its bytes.
  public var certificateAuthority: TLSOptions.Source?
  /// The proxy.
  public var proxyURL: String?
  /// Whether answers come uncompressed.
  public var disablesCompression: Bool
  /// The cluster's extension `client.authentication.k8s.io/exec`.
  public var config: JSONValue?

  /// What is known of a cluster, from its parts.
  public init(
    server: String, tlsServerName: String? = nil, skipsVerification: Bool = false,
    certificateAuthority: TLSOptions.Source? = nil,
    proxyURL: String? = nil, disablesCompression: Bool = false, config: JSONValue? = nil
  ) {
    self.server = server
    self.tlsServerName = tlsServerName
    self.skipsVerification = skipsVerification
    self.certificateAuthority = certificateAuthority
    self.proxyURL = proxyURL
    self.disablesCompression = disablesCompression
    self.config = config
  }
}

/// One run of a plugin: what is started.
public struct ExecPluginInvocation: Sendable, Equatable {
  /// A name for PATH, or a path.
  public var command: String
  /// Its arguments.
  public var arguments: [String]
  /// The whole environment.
  public var environment: [String: String]
  /// Whether the program gets the terminal as its standard input; else it gets none.
  public var interactive: Bool

  /// A run from its parts.
  public init(command: String, arguments: [String], environment: [String: String], interactive: Bool) {
    self.command = command
    self.arguments = arguments
    self.environment = environment
    self.interactive = interactive
  }
}

/// What a plugin's run left.
public struct ExecPluginOutput: Sendable, Equatable {
  /// The exit status; a signal counts as 128 and its number.
  public var exitCode: Int
  /// Standard output.
  public var stdout: [UInt8]
  /// Standard error.
  public var stderr: [UInt8]

  /// A run's end from its parts.
  public init(exitCode: Int, stdout: [UInt8], stderr: [UInt8] = []) {
    self.exitCode = exitCode
    self.stdout = stdout
    self.stderr = stderr
  }
}

/// What the closure that runs plugins throws where no program could be started.
public enum ExecPluginStartError: Error, Sendable, Equatable {
  /// There is no such program.
  case notFound
  /// The system's reason, for a person.
  case failed(String)
}

/// What a plugin printed.
public struct ExecCredential: Sendable, Equatable {
  /// A bearer token.
  public var token: SecretText?
  /// A client certificate and its key, PEM.
  public var certificate: CertificatePair?
  /// Until when it holds; nil: until the server refuses it.
  public var expires: Date?
}

/// A client certificate with its key, both PEM.
public struct CertificatePair: Sendable, Equatable {
  /// The certificate.
  public var certificate: SecretText
  /// The key.
  public var key: SecretText
}

// MARK: - The protocol, without running anything

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
