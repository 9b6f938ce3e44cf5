/// A place in a YAML source. Lines and columns count from 1; the column counts characters.
public struct YAMLMark: Sendable, Equatable {
  /// What the text was read from: a path, or a name for a text in memory.
  public var source: String
  /// The line, from 1.
  public var line: Int
  /// The column, from 1.
  public var column: Int

  /// A mark from its parts.
  public init(source: String = "", line: Int = 1, column: Int = 1) {
    self.source = source
    self.line = line
    self.column = column
  }
}

extension YAMLMark: CustomStringConvertible {
  /// `path:line:column`, as compilers write it.
  public var description: String { "\(source):\(line):\(column)" }
}

/// A node of a YAML document, with the place where it stands. Aliases and merge keys are already resolved.
public struct YAMLNode: Sendable, Equatable {
  /// What the node is.
  public indirect enum Value: Sendable, Equatable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode])
    /// Entries in the order of the source; keys are unique.
    case mapping([YAMLEntry])
  }

  /// What the node is.
  public var value: Value
  /// Where it begins. What an alias stands for keeps the mark of the place where it is written out.
  public var mark: YAMLMark

  /// A node from its parts.
  public init(_ value: Value, mark: YAMLMark = YAMLMark()) {
    self.value = value
    self.mark = mark
  }
}

/// One `key: value` of a mapping. Keys are scalars; other keys are refused when the text is read.
public struct YAMLEntry: Sendable, Equatable {
  /// The key's text.
  public var key: String
  /// Where the key stands.
  public var keyMark: YAMLMark
  /// The value.
  public var value: YAMLNode

  /// An entry from its parts.
  public init(key: String, keyMark: YAMLMark = YAMLMark(), value: YAMLNode) {
    self.key = key
    self.keyMark = keyMark
    self.value = value
  }
}

/// A scalar: its text, and how it was written. What it means follows the YAML 1.2 core schema as Kubernetes tools read it.
public struct YAMLScalar: Sendable, Equatable {
  /// What a plain scalar means.
  public enum Resolved: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case string(String)
  }

  /// The text, escapes resolved.
  public var text: String
  /// Quoted or block scalars are strings whatever they look like.
  public var isPlain: Bool
  /// The explicit tag, if any: `!!int` for those of YAML itself, any other in full.
  public var tag: String?

  /// A scalar from its parts.
  public init(_ text: String, isPlain: Bool = true, tag: String? = nil) {
    self.text = text
    self.isPlain = isPlain
    self.tag = tag
  }
}
