import Kubernetes
import Text
import YAML

/// Command lines for kubectl that reach the same cluster.
struct Kubectl: Sendable {
  /// Blank in front, quoted.
  private let options: String
  private let namespace: [String]

  init(_ answers: Answers) {
    options =
      (answers[.kubeconfig].map { " --kubeconfig " + answers.shellPath($0) } ?? "")
      + (answers[.context].map { " --context " + Shell.quote($0) } ?? "")
    namespace = answers[.namespace].map { ["--namespace", $0] } ?? []
  }

  /// A command for the whole cluster.
  func command(_ words: String...) -> EquivalentCommand {
    EquivalentCommand(Shell.line(["kubectl"] + words) + options)
  }

  /// What makes these objects, or makes them so.
  func apply(_ manifests: [JSONValue]) -> EquivalentCommand {
    let text = YAMLWriter().write(manifests.map { YAMLDocument(YAMLValue($0)) })
    return EquivalentCommand(Shell.hereDocument(text, to: Shell.line(Self.applied) + options))
  }

  /// What asks for this object, which is a request and no object that lasts.
  func create(_ manifest: JSONValue) -> EquivalentCommand {
    let text = YAMLWriter().write([YAMLDocument(YAMLValue(manifest))])
    return EquivalentCommand(Shell.hereDocument(text, to: "kubectl create --filename=-" + options))
  }

  /// What makes the object that a `kubectl create` describes, with our mark.
  ///
  /// - Parameters:
  ///   - rest: More of the command, in the shell's own words, with a blank in front.
  ///   - input: The command whose output it reads.
  func apply(
    created words: [String], rest: String = "", reading input: String? = nil, isNamespaced: Bool = true
  ) -> EquivalentCommand {
    let create = Shell.line(["kubectl", "create"] + words + (isNamespaced ? namespace : [])) + rest
    return EquivalentCommand(
      [
        input, create + " --dry-run=client --output=yaml" + options,
        "kubectl label --local --filename=- --output=yaml \(ManagedObject.ownerLabel)=\(ManagedObject.owner)",
        Shell.line(Self.applied) + options,
      ].compactMap { $0 }.joined(separator: " |\n"))
  }

  private static let applied = [
    "kubectl", "apply", "--server-side", "--field-manager=\(KubernetesRequest.fieldManager)", "--filename=-",
  ]

  /// A command line in the namespace of the agent.
  func line(_ words: String...) -> String { Shell.line(["kubectl"] + words + namespace) + options }
}

extension Answers {
  /// A path of the answers as a shell's word that holds in any folder. `~` stays the home of whoever runs the command; a
  /// shell expands it in front of a word only, and never within quotes.
  func shellPath(_ path: String) -> String {
    let path = absolute(path)
    if path == "~" { return "\"$HOME\"" }
    return path.hasPrefix("~/") ? "\"$HOME\"/" + Shell.quote(String(path.dropFirst(2))) : Shell.quote(path)
  }
}
