/// How to look after what was installed.
public enum LookAfter {
  /// kubectl's commands on the agent's pods and log, in the cluster and namespace of the answers. The chart puts the
  /// release's name into a label of all that it makes, which holds whatever its Deployment is called.
  public static func commands(_ completed: Answers) -> [EquivalentCommand] {
    let kubectl = Kubectl(completed)
    let selector = "--selector=app.kubernetes.io/instance=\(completed[.release] ?? "")"
    return [
      EquivalentCommand(kubectl.line("get", "pods")),
      EquivalentCommand(kubectl.line("logs", selector, "--all-containers", "--tail=50")),
    ]
  }
}
