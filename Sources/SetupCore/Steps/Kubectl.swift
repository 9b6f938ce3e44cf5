import Kubernetes
import Text
import YAML

/// Command lines for kubectl that reach the same cluster.
struct Kubectl: Sendable {
  /// The options that choose the cluster, quoted.
  private let kubeconfig: String?
  private let context: String?
  private let namespace: [String]
  /// Blank in front.
  private var options: String { options("--context", on: "") }

  /// Commands for the cluster of the answers, and for a namespace there; nil: the agent's.
  init(_ answers: Answers, namespace: String? = nil) {
    kubeconfig = answers[.kubeconfig].map { answers.shellPath($0) }
    context = answers[.context].map { Shell.quote($0) }
    self.namespace = (namespace ?? answers[.namespace]).map { ["--namespace", $0] } ?? []
  }

  /// A command for the whole cluster.
  func command(_ words: String...) -> EquivalentCommand { EquivalentCommand(anywhere(words)) }

  /// A command line that names its own namespace, or none.
  func anywhere(_ words: [String]) -> String { Shell.line(["kubectl"] + words) + options }

  /// A command of a remedy, aimed at the same cluster where it does not say which.
  func aimed(_ command: String) -> String {
    switch command.prefix(while: { $0 != " " }) {
    case "kubectl", "oc": command + options("--context", on: command)
    // These two ask no cluster.
    case "helm" where command.hasPrefix("helm template") || command.hasPrefix("helm version"): command
    case "helm": command + options("--kube-context", on: command)
    default: command
    }
  }

  private func options(_ contextOption: String, on command: String) -> String {
    [("--kubeconfig", kubeconfig), (contextOption, context)].map { option, value in
      guard let value, !command.contains(" \(option) ") else { return "" }
      return " \(option) \(value)"
    }.joined()
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
    created words: [String], rest: String = "", reading input: String? = nil
  ) -> EquivalentCommand {
    let create = Shell.line(["kubectl", "create"] + words + namespace) + rest
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

  /// A command line in the namespace.
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
