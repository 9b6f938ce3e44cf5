import SetupCore
import TestSupport

@testable import Wizard

extension Scenario {
  static let checks: [Check] = [
    check("cluster.version", "Kubernetes version", "v1.21 or newer", [.cluster]),
    check("cluster.credentials", "Credentials", "accepted by the API server", [.cluster]),
    check("nodes.fit", "A node that fits", "2 CPUs, 6Gi memory, 40Gi storage", [.nodes]),
    check("ingress.class", "IngressClass", "served by ingress-nginx 4.0.0 or newer", [.ingress]),
    check("access", "Access rights", "all that the steps need", [.access]),
    check("helm.program", "Helm", "version 3 or 4", [.helm]),
    check("clock.skew", "Clock", "within 5 minutes", [.cluster], isBlocking: false),
    check("registry.push", "Push to the registry", "an upload can be opened", [.registry]),
    check("datarobot.token", "DataRobot API token", "accepted", [.dataRobot]),
    check("chart.readable", "Chart", "readable", [.chart]),
  ]

  static func check(
    _ id: CheckID, _ title: String, _ required: String, _ needs: [Probe], isBlocking: Bool = true
  ) -> Check {
    Check(
      id, title: title, required: required, why: "The agent cannot work without it: \(title).", isBlocking: isBlocking,
      needs: needs, evaluate: { _, _, _ in Finding(.unknown, observed: "", message: "") })
  }

  static func result(_ id: CheckID, _ finding: Finding) -> CheckResult {
    let check = checks.first { $0.id == id }
    return CheckResult(
      id: id, title: check?.title ?? id.name, isBlocking: check?.isBlocking ?? true, required: check?.required ?? "",
      finding: finding, duration: .milliseconds(420))
  }

  static func result(_ id: CheckID, _ status: FindingStatus) -> CheckResult {
    let check = checks.first { $0.id == id }
    let finding =
      switch status {
      case .fail:
        Finding(
          .fail, observed: "the largest node has 1 CPU, 3.7Gi memory, 20Gi storage",
          message: "No node has 2 CPUs, 6Gi of memory and 40Gi of storage.",
          remedy: Remedy("Add a node of at least that size.", command: "kubectl get nodes -o wide"),
          details: ["NODE      CPU  MEMORY  STORAGE", "worker-1  1    3.7Gi   20Gi", "worker-2  1    3.7Gi   20Gi"])
      case .unknown:
        Finding(
          .unknown, observed: "403 Forbidden", message: "The access reviews were denied.",
          remedy: Remedy("Ask an administrator for the right to create selfsubjectaccessreviews."))
      case .warn:
        Finding(.warn, observed: "6 minutes", message: "The cluster's clock is 6 minutes ahead of ours.")
      case .pass, .skipped, .waived:
        Finding(status, observed: "v1.31.2", message: "It is as it should be.")
      }
    return CheckResult(
      id: id, title: check?.title ?? id.name, isBlocking: check?.isBlocking ?? true, required: check?.required ?? "",
      finding: finding, duration: .milliseconds(320))
  }

  static let plan = PlanDocument(
    target: "context prod, namespace datarobot-mlops",
    steps: [
      .init(
        step: "namespace", title: "Namespace datarobot-mlops", state: "done", details: ["exists since 2026-03-01"],
        commands: [EquivalentCommand("kubectl create namespace datarobot-mlops")]),
      .init(
        step: "secrets", title: "Secrets", state: "needed",
        details: ["create Secret mlops-api-key", "create Secret registry-creds"],
        commands: [
          EquivalentCommand(
            """
            kubectl -n datarobot-mlops create secret generic mlops-api-key \\
              --from-literal=secret="$DATAROBOT_API_TOKEN"
            """)
        ]),
      .init(
        step: "release", title: "Helm release bosun", state: "needed", details: ["install chart 11.2.62"],
        commands: [
          EquivalentCommand(
            "helm upgrade --install bosun ./datarobot-management-agent -n datarobot-mlops -f values.yaml --wait --timeout 10m"
          )
        ]),
      .init(
        step: "rollout", title: "Agent is healthy", state: "needed", onlyWaits: true, details: ["wait for the rollout"],
        commands: []),
    ])

  /// Answers to everything, secrets by reference.
  static let complete = AnswerSamples.complete
}
