/// How a simulated DataRobot behaves, and what it knows.
public struct DataRobotConfiguration: Sendable, Equatable {
  /// The API tokens it accepts, after `Bearer` and after `Token` alike.
  public var tokens: Set<String>
  /// Its version: `2.36.0`.
  public var version: String
  /// The e-mail address of the tokens' owner.
  public var email: String
  /// The prediction environments it knows, in the order of the list.
  public var environments: [SimulatedPredictionEnvironment]
  /// The tokens' owner may create prediction environments; false: status 403.
  public var mayCreate: Bool
  /// How many prediction environments a page of the list has at most.
  public var pageSize: Int
  /// The answers that are given in place of its own.
  public var faults: [ServerFault]

  /// A DataRobot that accepts these tokens.
  public init(
    tokens: Set<String>, version: String = "2.36.0", email: String = "admin@example.com",
    environments: [SimulatedPredictionEnvironment] = [], mayCreate: Bool = true, pageSize: Int = 20,
    faults: [ServerFault] = []
  ) {
    self.tokens = tokens
    self.version = version
    self.email = email
    self.environments = environments
    self.mayCreate = mayCreate
    self.pageSize = pageSize
    self.faults = faults
  }
}

/// A prediction environment as the API shows it; its names are the API's.
public struct SimulatedPredictionEnvironment: Sendable, Equatable, Codable {
  /// Whether the management agent there is well.
  public struct Health: Sendable, Equatable, Codable {
    /// `passing`, `warning`, `failing`, `unknown`, `unavailable` or `notApplicable`.
    public var status: String
    /// What the management agent reported.
    public var message: String
    /// When it did, ISO 8601; nil: never.
    public var timestamp: String?

    /// A health from its parts.
    public init(status: String = "unknown", message: String = "", timestamp: String? = nil) {
      self.status = status
      self.message = message
      self.timestamp = timestamp
    }
  }

  /// 24 hexadecimal digits.
  public var id: String
  /// The name people see.
  public var name: String
  /// What it is for.
  public var description: String
  /// `other`, `aws`, `gcp`, `azure`, `openShift`, `onPremise`, …
  public var platform: String
  /// The management agent's plugin: `kubernetes`.
  public var plugin: String?
  /// `datarobot`, `datarobotScoringCode`, `customModel`, `externalModel`.
  public var supportedModelFormats: [String]
  /// A management agent deploys the models there.
  public var isManagedByManagementAgent: Bool
  /// `selfManaged`, `managementAgent` or `datarobot`.
  public var managedBy: String
  /// What the token's owner may do with it.
  public var permissions: [String]
  /// It was deleted.
  public var isDeleted: Bool
  /// Whether its management agent is well.
  public var health: Health

  /// A prediction environment that a management agent is to manage, unless it is told otherwise.
  public init(
    id: String, name: String, description: String = "", platform: String = "other", plugin: String? = "kubernetes",
    supportedModelFormats: [String] = ["datarobot", "customModel"], isManagedByManagementAgent: Bool = true,
    managedBy: String = "managementAgent",
    permissions: [String] = ["CAN_VIEW", "CAN_UPDATE", "CAN_DELETE", "CAN_SHARE", "CAN_USE_EXTERNAL"],
    isDeleted: Bool = false, health: Health = Health()
  ) {
    self.id = id
    self.name = name
    self.description = description
    self.platform = platform
    self.plugin = plugin
    self.supportedModelFormats = supportedModelFormats
    self.isManagedByManagementAgent = isManagedByManagementAgent
    self.managedBy = managedBy
    self.permissions = permissions
    self.isDeleted = isDeleted
    self.health = health
  }
}
