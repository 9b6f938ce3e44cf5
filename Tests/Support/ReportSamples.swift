public import SetupCore

/// A report with every status in it, and with text from outside that tries to be more than text.
public enum ReportSamples {
  /// The report.
  public static var mixed: PreflightReport { PreflightReport(context: "prod", server: server, checks: checks) }

  /// A report of the same cluster in which all is well.
  public static var good: PreflightReport {
    PreflightReport(context: "staging", server: nil, checks: [checks[0]])
  }

  private static let server = "https://api.prod.example.com:6443"

  private static let checks = [
    CheckResult(
      id: "cluster.reachable", title: "API server answers", isBlocking: true, required: "it answers /version",
      why: "Everything else is asked of it.",
      finding: Finding(.pass, observed: server, message: "\(server) answers as Kubernetes v1.29.4."),
      duration: .milliseconds(12)),
    CheckResult(
      id: "nodes.fit", title: "A node that fits", isBlocking: true, required: "2 CPU, 6 GB memory on one node",
      why: "A sum over several nodes does not help.",
      finding: Finding(
        .fail, observed: "2 nodes, none fits", message: "No node is large enough and free to be scheduled on.",
        remedy: Remedy(
          "Add a node of that size.",
          command: "kubectl describe nodes --selector 'kubernetes.io/os=linux' --chunk-size 0",
          url: "https://kubernetes.io/docs/concepts/architecture/nodes/#node-status-and-more"),
        details: [
          "node-a: CPU 1, memory 2Gi; excluded: CPU 1 below 2, memory 2Gi below 6G",
          "evil \u{1B}[2J\u{1B}]0;title\u{7}\u{202E}txet\u{9B}31m & <b>bold</b> ``` ]]> \u{FFFF}\u{0}",
        ]),
      duration: .milliseconds(1_234)),
    CheckResult(
      id: "ingress.controller", title: "Ingress controller", isBlocking: true, required: "ingress-nginx 4.0.0 or newer",
      finding: Finding(
        .warn, observed: "4.15.1",
        message: "ingress-nginx 4.15.1 gets no fixes.\n  pass     forged  A line of its own.",
        remedy: Remedy("Plan its replacement.")),
      duration: .milliseconds(90)),
    CheckResult(
      id: "registry.push", title: "Push allowed", isBlocking: true, required: "an upload can be opened",
      finding: Finding(
        .unknown, observed: "no answer within 30.0 seconds",
        message: "no answer within 30.0 seconds from @team/registry #12 | `code` \"quoted\"",
        remedy: Remedy("Try again, with a longer --timeout.")),
      duration: .seconds(30)),
    CheckResult(
      id: "registry.credentials", title: "Registry credentials", isBlocking: true, required: "accepted",
      finding: Finding(
        .waived, observed: "401", message: "Waived until 2027-06-30: rotates soon. Without the waiver: fail. 401."),
      duration: .milliseconds(40)),
    CheckResult(
      id: "datarobot.token", title: "DataRobot token", isBlocking: false, required: "DataRobot takes the token",
      finding: Finding(.skipped, observed: "", message: "Left out by --skip."), duration: .zero),
  ]
}
