public import HTTP
public import Text

/// All that is needed to speak to one cluster as one user: what a kubeconfig's context amounts to.
public struct ClusterConnection: Sendable, Equatable {
  /// The API server's URL, path allowed (Rancher), without a slash at its end.
  public var server: String
  /// The CA and, where the user has one, the client certificate.
  public var tls: TLSOptions
  /// `proxy-url`, else the environment's.
  public var proxy: ProxyChoice
  /// How the user is authenticated, besides a client certificate in `tls`.
  public var credential: Credential
  /// As whom requests are made, if not as the user itself.
  public var impersonation: Impersonation?
  /// The namespace of the context, or `default`.
  public var defaultNamespace: String
  /// The context's name; nil inside a cluster.
  public var context: String?
  /// The cluster's name in the kubeconfig.
  public var cluster: String?
  /// The user's name in the kubeconfig.
  public var user: String?
  /// What kubectl or Helm would refuse although we do not.
  public var warnings: [String]

  /// A connection from its parts.
  public init(
    server: String, tls: TLSOptions = TLSOptions(), proxy: ProxyChoice = .environment, credential: Credential = .none,
    impersonation: Impersonation? = nil, defaultNamespace: String = "default", context: String? = nil,
    cluster: String? = nil, user: String? = nil, warnings: [String] = []
  ) {
    self.server = server
    self.tls = tls
    self.proxy = proxy
    self.credential = credential
    self.impersonation = impersonation
    self.defaultNamespace = defaultNamespace
    self.context = context
    self.cluster = cluster
    self.user = user
    self.warnings = warnings
  }

  /// Whether the server is reached by TLS. Credentials are sent over nothing else.
  public var isSecure: Bool { server.hasPrefix("https://") }

  /// Who we are, for messages: `the token of user "admin"`.
  public var identity: String {
    let owner = user.map { "user \"\(printable($0, limit: 80))\"" } ?? "this pod's service account"
    switch credential {
    case .token: return "the token of \(owner)"
    case .tokenFile(let path, _): return "the token in \(printable(path)) of \(owner)"
    case .basic(let name, _): return "the password of \"\(printable(name, limit: 80))\" (\(owner))"
    case .exec(let plugin): return "the output of \(printable(plugin.command)) for \(owner)"
    case .none: return tls.clientCertificate == nil ? "no credential" : "the client certificate of \(owner)"
    }
  }
}

/// How a user is authenticated (kubeconfig's `users[].user`).
public enum Credential: Sendable, Equatable {
  /// Nothing, or the client certificate in `ClusterConnection.tls`.
  case none
  /// A bearer token.
  case token(SecretText)
  /// A file with a bearer token, read again at most once a minute; the token holds until it was first read.
  case tokenFile(String, fallback: SecretText?)
  /// A name and a password.
  case basic(name: String, password: SecretText)
  /// A program that prints a credential.
  case exec(ExecPlugin)
}

/// As whom requests are made (kubeconfig's `act-as…`, kubectl's `--as…`).
public struct Impersonation: Sendable, Equatable {
  /// `Impersonate-User`.
  public var user: String
  /// `Impersonate-Uid`.
  public var uid: String?
  /// `Impersonate-Group`, one field each.
  public var groups: [String]
  /// `Impersonate-Extra-KEY`, one field a value.
  public var extra: [String: [String]]

  /// An identity from its parts.
  public init(user: String, uid: String? = nil, groups: [String] = [], extra: [String: [String]] = [:]) {
    self.user = user
    self.uid = uid
    self.groups = groups
    self.extra = extra
  }

  /// The header fields (client-go, transport.NewImpersonatingRoundTripper); extra keys in the order of the alphabet.
  public var headers: [HTTPHeaders.Field] {
    var fields = [HTTPHeaders.Field(name: "Impersonate-User", value: user)]
    if let uid { fields.append(HTTPHeaders.Field(name: "Impersonate-Uid", value: uid)) }
    fields += groups.map { HTTPHeaders.Field(name: "Impersonate-Group", value: $0) }
    for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
      fields += values.map { HTTPHeaders.Field(name: "Impersonate-Extra-\(Self.escaped(key))", value: $0) }
    }
    return fields
  }

  /// A header name's characters stand for themselves, `%` and all others are percent-encoded (RFC 9110, section 5.6.2).
  private static func escaped(_ key: String) -> String {
    key.utf8.reduce(into: "") { result, byte in
      let scalar = Unicode.Scalar(byte)
      let isToken =
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        || "!#$&'*+-.^_`|~".unicodeScalars.contains(scalar)
      result += byte < 0x80 && isToken ? String(Character(scalar)) : "%" + hexadecimal(byte)
    }
  }
}

/// Two capital digits.
func hexadecimal(_ byte: UInt8) -> String {
  let digits = Array("0123456789ABCDEF")
  return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
}
