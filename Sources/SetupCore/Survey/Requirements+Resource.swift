import Kubernetes
import YAML

extension Requirements {
  /// The documented ones.
  public static func documented() throws -> Requirements {
    try Requirements(yaml: String(decoding: PackageResources.requirements_yaml, as: UTF8.self))
  }

  /// Reads Resources/requirements.yaml, which is built into the program.
  public init(yaml text: String) throws {
    let root = try YAML.parse(text, source: "requirements.yaml")
    func value(_ path: String...) throws -> String {
      var node = root
      for key in path { node = node?[key] }
      guard let text = node?.text else {
        throw SetupError(.tool, "requirements.yaml has no \(path.joined(separator: "."))")
      }
      return text
    }
    func quantity(_ path: String) throws -> Quantity { try Quantity(value("node", path)) }
    guard let version = SemanticVersion(try value("kubernetes", "minimum")) else {
      throw SetupError(.tool, "requirements.yaml: kubernetes.minimum is no version")
    }
    self.init(
      kubernetesMinor: version.minor, cpu: try quantity("cpu"), memory: try quantity("memory"),
      storage: try quantity("storage"))
    platform = try PlatformRequirements(root)
  }
}
