public import YAML

/// One value for the chart: `imageBuilder.secretName`.
public struct ValueSetting: Sendable, Equatable {
  /// The dotted paths under which charts know it, the current generation's first.
  public var paths: [String]
  /// The value.
  public var value: YAMLValue
  /// Why it is set: the comment in the values file.
  public var comment: String
  /// Whether something will not work where the chart knows none of the paths; then it is said.
  public var isRequired: Bool
  /// The question whose answer it follows.
  public var question: QuestionID?

  /// A setting from its parts.
  public init(
    _ paths: String..., value: YAMLValue, comment: String, isRequired: Bool = true, from question: QuestionID? = nil
  ) {
    self.paths = paths
    self.value = value
    self.comment = comment
    self.isRequired = isRequired
    self.question = question
  }

  /// The same setting, where it does not say whose answer it follows: that one's.
  func following(_ question: QuestionID) -> ValueSetting {
    var setting = self
    setting.question = self.question ?? question
    return setting
  }
}
