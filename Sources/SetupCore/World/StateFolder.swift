/// Where a target's files are kept: the values file, the journal, the answers of the wizard.
public struct StateFolder: Sendable, Equatable {
  /// The absolute path: `~/.local/state/mlops-setup/prod/datarobot-mlops` (XDG Base Directory Specification).
  public let path: String

  /// The folder of a context and a namespace.
  public init(context: String, namespace: String, world: World) {
    path = [Self.root(world), Self.fileName(context), namespace].joined(separator: "/")
  }

  /// Where all of this user's files are kept.
  public static func root(_ world: World) -> String {
    let base = world.environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    return (base ?? world.homeDirectory + "/.local/state") + "/mlops-setup"
  }

  /// A file in it: the values files that are made from the answers.
  func file(_ name: String) -> String { path + "/" + name }
  /// Locked while a run is at work on this target.
  public var lock: String { path + "/lock" }
  /// The journal.
  public var journal: String { path + "/journal.jsonl" }

  /// A context's name as one path component. EKS names contexts by ARN, with slashes and colons in it: a name that cannot
  /// stand as it is gets a fingerprint behind it, so that no two contexts share a folder.
  private static func fileName(_ name: String) -> String {
    let mapped = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-@".contains($0)) ? $0 : "_" }
    let text = String(mapped)
    let isPlain = text == name && text.utf8.count <= 100 && !text.isEmpty && !text.allSatisfy { $0 == "." }
    if isPlain { return text }
    var fingerprint = Fingerprint()
    fingerprint.add(name.utf8)
    return "\(text.prefix(100))-\(fingerprint.text.prefix(8))"
  }
}
