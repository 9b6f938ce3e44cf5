/// Files and folders, by absolute path. Each closure throws a `SetupError` that names the path.
public struct Files: Sendable {
  /// What stands at a path.
  public enum Kind: Sendable, Equatable {
    case file
    case directory
    case other
  }

  /// What is known of a file without reading it. Two files with the same are taken for the same one.
  public struct Status: Sendable, Equatable {
    /// Bytes.
    public var size: UInt64
    /// When the content was last changed, in nanoseconds since 1970.
    public var modified: Int64

    /// A status from its parts.
    public init(size: UInt64, modified: Int64) {
      self.size = size
      self.modified = modified
    }
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
  /// A file's size and age; nil: there is no such file.
  public var status: @Sendable (_ path: String) throws -> Status?
  /// That many bytes from an offset on; fewer where the file ends before.
  public var readPart: @Sendable (_ path: String, _ offset: UInt64, _ count: Int) throws -> [UInt8]
  /// Bytes that this user may still write to the file system of a folder, or of the one it is to be made in.
  public var freeSpace: @Sendable (_ path: String) throws -> UInt64
  /// Makes a folder (0700) with those above it.
  public var makeFolder: @Sendable (_ path: String) throws -> Void
  /// Gives a file or folder another name on the same file system; false: a folder with something in it has that name.
  public var move: @Sendable (_ from: String, _ to: String) throws -> Bool
  /// Removes a folder with all that is in it, and follows no link; nothing happens where there is none.
  public var removeFolder: @Sendable (_ path: String) throws -> Void
  /// Locks a file against other processes, for as long as the returned object lives; nil: another holds it. The text is
  /// written into it, for whoever finds it locked.
  public var lock: @Sendable (_ path: String, _ text: String) throws -> (any AnyObject & Sendable)?

  /// Files from closures.
  public init(
    kind: @escaping @Sendable (String) throws -> Kind?, read: @escaping @Sendable (String) throws -> [UInt8]?,
    write: @escaping @Sendable (String, [UInt8], UInt16) throws -> Void,
    append: @escaping @Sendable (String, [UInt8]) throws -> Void,
    list: @escaping @Sendable (String) throws -> [String], remove: @escaping @Sendable (String) throws -> Void,
    status: @escaping @Sendable (String) throws -> Status?,
    readPart: @escaping @Sendable (String, UInt64, Int) throws -> [UInt8],
    freeSpace: @escaping @Sendable (String) throws -> UInt64,
    makeFolder: @escaping @Sendable (String) throws -> Void, move: @escaping @Sendable (String, String) throws -> Bool,
    removeFolder: @escaping @Sendable (String) throws -> Void,
    lock: @escaping @Sendable (String, String) throws -> (any AnyObject & Sendable)?
  ) {
    self.kind = kind
    self.read = read
    self.write = write
    self.append = append
    self.list = list
    self.remove = remove
    self.status = status
    self.readPart = readPart
    self.freeSpace = freeSpace
    self.makeFolder = makeFolder
    self.move = move
    self.removeFolder = removeFolder
    self.lock = lock
  }
}
