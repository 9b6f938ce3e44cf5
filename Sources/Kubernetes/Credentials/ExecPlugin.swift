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
