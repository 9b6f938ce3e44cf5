import Text

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
