/// Files and folders, by absolute path. Each closure throws a `SetupError` that names the path.
public struct Files: Sendable {
  /// What stands at a path.
  public enum Kind: Sendable, Equatable {
    case file
    case directory
    case other
  }

  /// What stands there; nil: nothing.
  public var kind: @Sendable (_ path: String) throws -> Kind?
  /// The content; nil: there is no such file.
  public var read: @Sendable (_ path: String) throws -> [UInt8]?
  /// Writes a file whole or not at all (a rename at the end), with these permissions. Makes the folder (0700) where it is missing.
  public var write: @Sendable (_ path: String, _ content: [UInt8], _ mode: UInt16) throws -> Void
  /// Adds to the end of a file made with mode 0600, and has it on the disk when it returns.
  public var append: @Sendable (_ path: String, _ content: [UInt8]) throws -> Void
  /// The names in a folder, sorted; empty where there is none.
  public var list: @Sendable (_ path: String) throws -> [String]
  /// Removes a file; nothing happens where there is none.
  public var remove: @Sendable (_ path: String) throws -> Void
  /// Locks a file against other processes, for as long as the returned object lives; nil: another holds it. The text is
  /// written into it, for whoever finds it locked.
  public var lock: @Sendable (_ path: String, _ text: String) throws -> (any AnyObject & Sendable)?

  /// Files from closures.
  public init(
    kind: @escaping @Sendable (String) throws -> Kind?, read: @escaping @Sendable (String) throws -> [UInt8]?,
    write: @escaping @Sendable (String, [UInt8], UInt16) throws -> Void,
    append: @escaping @Sendable (String, [UInt8]) throws -> Void,
    list: @escaping @Sendable (String) throws -> [String], remove: @escaping @Sendable (String) throws -> Void,
    lock: @escaping @Sendable (String, String) throws -> (any AnyObject & Sendable)?
  ) {
    self.kind = kind
    self.read = read
    self.write = write
    self.append = append
    self.list = list
    self.remove = remove
    self.lock = lock
  }
}
