/// A text that is not the YAML we accept, with the place and what to do.
public struct YAMLError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of failure it was.
  public enum Code: String, Sendable, Equatable {
    case syntax
    case notUTF8
    case duplicateKey
    case keyNotScalar
    case unknownAlias
    /// An alias inside the value it names.
    case recursiveAlias
    /// `<<` with something other than mappings.
    case mergeNotMapping
    /// A value that its explicit tag forbids, such as `!!int abc`.
    case tagMismatch
    case tooDeep
    /// Aliases would multiply the document past its limit.
    case tooLarge
    case severalDocuments
  }

  /// The kind of failure.
  public var code: Code
  /// What is wrong, in a person's words.
  public var message: String
  /// Where.
  public var mark: YAMLMark

  /// An error from its parts.
  public init(code: Code, message: String, mark: YAMLMark) {
    self.code = code
    self.message = message
    self.mark = mark
  }

  /// `path:line:column: message`.
  public var description: String { "\(mark): \(message)" }
}
