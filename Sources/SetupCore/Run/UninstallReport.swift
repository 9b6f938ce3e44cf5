/// What an uninstall would do, or has done: the same value before and after.
public struct UninstallReport: Sendable, Equatable {
  /// What becomes of something.
  public enum Fate: Sendable, Equatable {
    /// It would go.
    case removable
    /// It is gone by this run.
    case removed
    /// It stays, and the text says why.
    case stays
    /// It was not there.
    case absent
    /// It could not be taken back.
    case failed
    /// It was not tried, because something before it failed.
    case notReached
  }

  /// Something that a part of the installation consists of.
  public struct Item: Sendable, Equatable {
    /// What becomes of it.
    public var fate: Fate
    /// For a person: `delete Secret mlops-api-key`.
    public var text: String

    /// An item from its parts.
    public init(_ fate: Fate, _ text: String) {
      self.fate = fate
      self.text = text
    }
  }

  /// A part of the installation: a step, the deployed models.
  public struct Entry: Sendable, Equatable {
    /// The step's stable name.
    public var id: StepID
    /// Its title.
    public var title: String
    /// What it consists of.
    public var items: [Item]

    /// An entry from its parts.
    public init(id: StepID, title: String, items: [Item]) {
      self.id = id
      self.title = title
      self.items = items
    }

    /// Whether something in it would go.
    var isRemovable: Bool { items.contains { $0.fate == .removable } }
  }

  /// Where it went.
  public var target: String
  /// In the order in which it is taken back.
  public var entries: [Entry]
  /// Why nothing may be removed; nil: nothing speaks against it.
  public var obstacle: SetupError?
  /// Where it stopped, and why.
  public var failure: SetupError?

  /// A report from its parts.
  public init(target: String, entries: [Entry], obstacle: SetupError? = nil, failure: SetupError? = nil) {
    self.target = target
    self.entries = entries
    self.obstacle = obstacle
    self.failure = failure
  }

  /// How many things have that fate.
  public func count(_ fate: Fate) -> Int { entries.reduce(0) { $0 + $1.items.count { $0.fate == fate } } }
}
