/// Helm's command lines, as values. Flags that differ between Helm 3 and 4 are decided here and nowhere else.
enum HelmCommand {
  /// Where the release lives and how to get there.
  struct Target: Sendable, Equatable {
    var kubeconfig: String?
    var context: String?
    var namespace: String
  }

  /// Asks for the version, without a cluster. Helm 3 and 4 both know `.Version`.
  static let version = ProcessCommand("helm", ["version", "--template", "{{.Version}}"], deadline: .seconds(20))

  /// Installs the release, or upgrades it to these values. The rollout is watched by ourselves, so helm waits for
  /// hooks only: what Helm 3 does without `--wait`, and Helm 4 with `--wait=hookOnly`, its default.
  ///
  /// - Parameters:
  ///   - chart: The chart, and the options that say where it lies.
  ///   - rollback: The flag that has helm roll back where it fails, for which it waits itself; nil: it does not.
  static func upgrade(
    release: String, chart: [String], values: [String], timeout: String, rollback: String? = nil, target: Target
  ) -> ProcessCommand {
    var arguments = ["upgrade", "--install", release] + chart + ["--namespace", target.namespace]
    for file in values { arguments += ["--values", file] }
    arguments += ["--timeout", timeout] + (rollback.map { [$0] } ?? [])
    let limit = GoDuration(timeout)?.duration ?? .seconds(600)
    // Rolling back may take as long once more.
    return command(arguments, target, deadline: limit * (rollback == nil ? 1 : 2) + .seconds(60))
  }

  /// Removes the release and everything that it made.
  static func uninstall(release: String, timeout: String, target: Target) -> ProcessCommand {
    command(
      ["uninstall", release, "--namespace", target.namespace, "--ignore-not-found", "--timeout", timeout], target,
      deadline: (GoDuration(timeout)?.duration ?? .seconds(600)) + .seconds(60))
  }

  static func command(_ arguments: [String], _ target: Target, deadline: Duration) -> ProcessCommand {
    var arguments = arguments
    if let kubeconfig = target.kubeconfig { arguments += ["--kubeconfig", kubeconfig] }
    if let context = target.context { arguments += ["--kube-context", context] }
    return ProcessCommand(
      "helm", arguments, environment: ["NO_COLOR": "1", "HELM_COLOR": "never"], deadline: deadline)
  }

  /// Reads what `version` printed: `v4.2.4` is 4.
  static func major(_ version: String) -> Int? {
    guard version.hasPrefix("v"), let dot = version.firstIndex(of: ".") else { return nil }
    return Int(version[version.index(after: version.startIndex)..<dot])
  }
}
