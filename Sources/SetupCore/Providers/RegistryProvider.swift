/// A kind of registry: the questions it adds, its checks, its steps and its part of the values file.
/// A provider is one folder here and one line in `RegistryProviders.all`.
public protocol RegistryProvider: Sendable {
  /// The answers file's `registry.provider`.
  var name: String { get }
  /// For a list to choose from.
  var label: String { get }
  /// What it needs to know. Each applies only while this provider is chosen.
  var questions: [Question] { get }
  /// What must hold.
  var checks: [Check] { get }
  /// What it changes before the chart is installed.
  func steps(_ answers: Answers) -> [any Step]
  /// What it puts into the values file, under the names of the current chart generation.
  func values(_ answers: Answers) -> [ValueSetting]
  /// Full reference, without a tag, of one of the procedure's repositories: `datarobot/mlops-management-agent`.
  func repository(_ name: String, _ answers: Answers) -> String?
}

/// The registries we know.
public enum RegistryProviders {
  /// In the order they are offered.
  public static let all: [any RegistryProvider] = [GenericRegistry()]

  /// The chosen one.
  public static func chosen(_ answers: Answers) -> (any RegistryProvider)? {
    answers[.provider].flatMap { name in all.first { $0.name == name } }
  }
}
