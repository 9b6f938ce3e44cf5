/// What `GET /api/v2/version/` tells. Every field of these types may be missing: DataRobot adds and drops fields.
public struct DataRobotVersion: Codable, Sendable, Equatable {
  /// The API's version: `2.36.0`.
  public var versionString: String?
  /// The first number of it.
  public var major: Int?
  /// The second number of it.
  public var minor: Int?

  /// A version of which this is known.
  public init(versionString: String? = nil, major: Int? = nil, minor: Int? = nil) {
    self.versionString = versionString
    self.major = major
    self.minor = minor
  }
}

/// What `GET /api/v2/account/info/` tells: whose the API token is.
public struct DataRobotAccount: Codable, Sendable, Equatable {
  /// The user's id.
  public var uid: String?
  /// The user's e-mail address.
  public var email: String?
  /// The user's first name.
  public var firstName: String?
  /// The user's last name.
  public var lastName: String?

  /// An account of which this is known.
  public init(uid: String? = nil, email: String? = nil, firstName: String? = nil, lastName: String? = nil) {
    self.uid = uid
    self.email = email
    self.firstName = firstName
    self.lastName = lastName
  }
}

/// A prediction environment, with the API's names (`/api/v2/predictionEnvironments/{id}/`).
public struct PredictionEnvironment: Codable, Sendable, Equatable {
  /// Whether its management agent reports in.
  public struct Health: Codable, Sendable, Equatable {
    /// `passing`, `warning`, `failing`, `unknown`, `unavailable` or `notApplicable`.
    public var status: String?
    /// What the management agent reported.
    public var message: String?
    /// When it was reported, ISO 8601.
    public var timestamp: String?

    /// A health of which this is known.
    public init(status: String? = nil, message: String? = nil, timestamp: String? = nil) {
      self.status = status
      self.message = message
      self.timestamp = timestamp
    }
  }

  /// 24 hexadecimal digits.
  public var id: String?
  /// The name people see.
  public var name: String?
  /// What it is for.
  public var description: String?
  /// `aws`, `gcp`, `azure`, `onPremise`, `openShift`, `other`, …
  public var platform: String?
  /// The management agent's plugin: `kubernetes`.
  public var plugin: String?
  /// `datarobot`, `datarobotScoringCode`, `customModel`, `externalModel`.
  public var supportedModelFormats: [String]?
  /// What the token's owner may do with it.
  public var permissions: [String]?
  /// A management agent deploys the models there.
  public var isManagedByManagementAgent: Bool?
  /// `selfManaged`, `managementAgent` or `datarobot`.
  public var managedBy: String?
  /// It was deleted.
  public var isDeleted: Bool?
  /// Whether its management agent is well.
  public var health: Health?

  /// A prediction environment of which nothing but this is known.
  public init(id: String? = nil, name: String? = nil) {
    self.id = id
    self.name = name
  }
}

/// A prediction environment that is to be made. The defaults are those the management agent needs: models of DataRobot's
/// own and custom models.
public struct NewPredictionEnvironment: Codable, Sendable, Equatable {
  /// The name people see.
  public var name: String
  /// What it is for.
  public var description: String
  /// Where it runs: `other`, `aws`, `gcp`, `azure`, `openShift`, `onPremise`, ….
  public var platform: String
  /// The management agent's plugin: `kubernetes`.
  public var plugin: String
  /// `datarobot`, `datarobotScoringCode`, `customModel`, `externalModel`.
  public var supportedModelFormats: [String]
  /// A management agent deploys the models there.
  public var isManagedByManagementAgent: Bool

  /// One that the management agent's Kubernetes plugin is to manage.
  public init(
    name: String, description: String = "", platform: String = "other", plugin: String = "kubernetes",
    supportedModelFormats: [String] = ["datarobot", "customModel"], isManagedByManagementAgent: Bool = true
  ) {
    self.name = name
    self.description = description
    self.platform = platform
    self.plugin = plugin
    self.supportedModelFormats = supportedModelFormats
    self.isManagedByManagementAgent = isManagedByManagementAgent
  }
}
