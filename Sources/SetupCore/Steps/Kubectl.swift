import Text

/// Command lines for kubectl that reach the same cluster.
struct Kubectl: Sendable {
  private let options: [String]
  private let namespace: [String]

  init(_ answers: Answers) {
    options =
      (answers[.kubeconfig].map { ["--kubeconfig", $0] } ?? []) + (answers[.context].map { ["--context", $0] } ?? [])
    namespace = answers[.namespace].map { ["--namespace", $0] } ?? []
  }

  /// A command for the whole cluster.
  func command(_ words: String...) -> EquivalentCommand { EquivalentCommand(Shell.line(["kubectl"] + words + options)) }

  /// A command line in the namespace of the agent.
  func line(_ words: String...) -> String { Shell.line(["kubectl"] + words + namespace + options) }
}
