public import YAML

/// Why there is no usable kubeconfig, or no usable context in it.
public struct KubeconfigError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of failure it was.
  public enum Code: String, Sendable, Equatable {
    /// There is none in any of the places.
    case noKubeconfig
    /// The file that was asked for does not exist.
    case missing
    case unreadable
    /// The file is no YAML.
    case syntax
    /// A field is not of its kind.
    case malformed
    case duplicateName
    case noCurrentContext
    case unknownContext
    /// The context names a cluster or user that is not there.
    case dangling
    /// A cluster or user cannot be used as it stands.
    case unusable
  }

  /// The kind of failure.
  public var code: Code
  /// What is wrong, without a full stop.
  public var message: String
  /// What to do.
  public var nextStep: String
  /// Where, if at a place in a file.
  public var mark: YAMLMark?

  /// An error from its parts.
  public init(_ code: Code, _ message: String, nextStep: String, mark: YAMLMark? = nil) {
    self.code = code
    self.message = message
    self.nextStep = nextStep
    self.mark = mark
  }

  /// `path:line:column: message. What to do`.
  public var description: String { (mark.map { "\(printable($0.description)): " } ?? "") + "\(message). \(nextStep)" }
}
