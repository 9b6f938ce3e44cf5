/// Where a secret is to be found. Answers, plans, journals and reports hold this and never the secret itself.
public enum SecretReference: Sendable, Hashable {
  /// An environment variable of that name.
  case environment(String)
  /// The content of a file; one line end at its end is dropped.
  case file(String)
  /// The token in a configuration file of DataRobot's own clients (`drconfig.yaml`, key `token`).
  case dataRobotConfiguration(String)
  /// A Secret of that name which is already in the namespace and is left as it is.
  case existing(String)
  /// Typed in the wizard; the bytes stand in the `SecretStore` under the question's id.
  case prompted(QuestionID)
}

extension SecretReference: CustomStringConvertible {
  /// How it stands in the answers file: `{env: NAME}`.
  public var description: String {
    switch self {
    case .environment(let name): "{env: \(name)}"
    case .file(let path): "{file: \(path)}"
    case .dataRobotConfiguration(let path): "{drconfig: \(path)}"
    case .existing(let name): "{existing: \(name)}"
    case .prompted: "(typed)"
    }
  }
}
