/// How a simulated registry behaves.
public struct RegistryConfiguration: Sendable, Equatable {
  /// How it wants to be authenticated.
  public enum Authentication: Sendable, Equatable {
    /// Anyone may do anything.
    case none
    /// HTTP Basic.
    case basic
    /// Tokens from `/token` on the same server.
    case token
  }

  /// What may be done with a repository.
  public enum Action: String, Sendable, Hashable, CaseIterable {
    case pull
    case push
  }

  /// Actions on every repository whose name begins with a prefix.
  public struct Right: Sendable, Equatable {
    /// The beginning of repository names; the empty text means all.
    public var prefix: String
    /// What may be done there.
    public var actions: Set<Action>

    /// A right from its parts.
    public init(prefix: String = "", actions: Set<Action> = [.pull, .push]) {
      self.prefix = prefix
      self.actions = actions
    }
  }

  /// Someone who may log in.
  public struct User: Sendable, Equatable {
    /// The user name.
    public var name: String
    /// The password.
    public var password: String
    /// What the user may do.
    public var rights: [Right]
    /// A refresh token that stands for name and password (OAuth 2), or nil.
    public var identityToken: String?

    /// A user from its parts; without rights given, one who may do everything.
    public init(name: String, password: String, rights: [Right] = [Right()], identityToken: String? = nil) {
      self.name = name
      self.password = password
      self.rights = rights
      self.identityToken = identityToken
    }
  }

  /// How it wants to be authenticated.
  public var authentication: Authentication
  /// Who may log in.
  public var users: [User]
  /// What may be done without a login.
  public var anonymousRights: [Right]
  /// A push creates the repository; false: it has to be in `repositories`, as at ECR.
  public var createsRepositories: Bool
  /// The repositories that are there though nothing was pushed yet.
  public var repositories: Set<String>
  /// Every write is answered with status 405.
  public var isReadOnly: Bool
  /// The answers that are given in place of the registry's own.
  public var faults: [ServerFault]
  /// The token realm that challenges name; nil: this server's `/token`.
  public var realm: String?
  /// Upload locations are absolute URLs; false: paths.
  public var writesAbsoluteLocations: Bool
  /// How long a token holds, in seconds.
  public var tokenLifetime: Int

  /// A registry that is open to anyone, unless it is told otherwise.
  public init(
    authentication: Authentication = .none, users: [User] = [], anonymousRights: [Right] = [],
    createsRepositories: Bool = true, repositories: Set<String> = [], isReadOnly: Bool = false,
    faults: [ServerFault] = [], realm: String? = nil, writesAbsoluteLocations: Bool = false, tokenLifetime: Int = 300
  ) {
    self.authentication = authentication
    self.users = users
    self.anonymousRights = anonymousRights
    self.createsRepositories = createsRepositories
    self.repositories = repositories
    self.isReadOnly = isReadOnly
    self.faults = faults
    self.realm = realm
    self.writesAbsoluteLocations = writesAbsoluteLocations
    self.tokenLifetime = tokenLifetime
  }
}
