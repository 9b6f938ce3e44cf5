public import Kubernetes

/// A step's stable name: `namespace`, `release`.
public struct StepID: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The name.
  public let name: String

  /// The id of that name.
  public init(_ name: String) { self.name = name }
  /// The id of that name.
  public init(stringLiteral value: String) { name = value }
  /// The name.
  public var description: String { name }
}

/// A command that does what a step does, with secrets as references to the environment. Shown, copied, exported.
public struct EquivalentCommand: Sendable, Equatable, Codable {
  /// POSIX shell text, which may have several lines.
  public var shell: String

  /// The command of that text.
  public init(_ shell: String) { self.shell = shell }
}

/// What a step found when it looked at the world.
public enum StepState: Sendable, Equatable {
  /// All is as it should be; the text says what was found.
  case done(String)
  /// These things would change, a line each: `create Namespace datarobot-mlops`.
  case needed([String])
  /// It cannot be done, and why.
  case blocked(String)
}

/// What a step tells while it works.
public struct StepProgress: Sendable, Equatable {
  /// What is going on, in one line.
  public var message: String
  /// The state of things, a line each, which replaces what was told before.
  public var details: [String]
  /// Whether the details only went on as they were going: more bytes, less time left. A log need not tell each.
  public var isGradual: Bool
  /// How many bytes of all have gone; nil: it is not bytes that are waited for.
  public var amount: TransferAmount?

  /// Progress from its parts.
  public init(_ message: String, details: [String] = [], isGradual: Bool = false, amount: TransferAmount? = nil) {
    self.message = message
    self.details = details
    self.isGradual = isGradual
    self.amount = amount
  }
}

/// One change to the world. Each looks first, and does nothing where nothing is to be done.
public protocol Step: Sendable {
  /// The stable name.
  var id: StepID { get }
  /// A few words for a list.
  var title: String { get }
  /// What a person would type in its place. Run twice it does no harm.
  func commands(_ setup: Setup) async throws -> [EquivalentCommand]
  /// Whether an uninstall leaves it where it is unless it is named: what others may use by now, or what lies outside the
  /// cluster.
  var staysUnlessNamed: Bool { get }
  /// Whether it changes nothing and waits for what an earlier step set going.
  var onlyWaits: Bool { get }
  /// The objects that it makes itself, each once, as a quota counts them.
  var objects: [Resource] { get }
  /// What it must be allowed to do; some is not needed where the namespace exists already.
  func access(namespaceExists: Bool) -> [AccessRequest]
  /// Looks, and changes nothing.
  func inspect(_ setup: Setup) async throws -> StepState
  /// Makes it so.
  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws
  /// Looks at what it made, in the order in which it would be taken back. Changes nothing.
  func traces(_ setup: Setup) async throws -> [Trace]
}

extension Step {
  /// None.
  public var objects: [Resource] { [] }
  /// It changes something.
  public var onlyWaits: Bool { false }
  /// It goes with the rest.
  public var staysUnlessNamed: Bool { false }
}
