/// What a probe or a step works with: the door to the outside, the completed answers and the typed secrets.
public struct Setup: Sendable {
  /// The door to the outside.
  public let world: World
  /// The answers, completed by what the questions suggest.
  public var answers: Answers
  /// The secrets typed in the wizard.
  public let secrets: SecretStore
  /// What the procedure requires.
  public let requirements: Requirements

  /// A set-up from its parts.
  public init(world: World, answers: Answers, secrets: SecretStore, requirements: Requirements) {
    self.world = world
    self.answers = answers
    self.secrets = secrets
    self.requirements = requirements
  }
}
