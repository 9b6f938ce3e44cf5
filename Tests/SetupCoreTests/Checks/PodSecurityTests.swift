import Kubernetes
import Testing
import YAML

@testable import SetupCore

@Suite("The check of pod security")
struct PodSecurityTests {
  private static func verdict(
    _ labels: [String: String]?, values text: String = "{}", groups: [String] = [], rendered: [ChartObject] = []
  ) throws -> (finding: Finding, exemption: String?) {
    var survey = Survey()
    survey.namespace = .seen(
      try labels.map { labels in
        var namespace = try object(Namespace.self, #"{"metadata":{"name":"mlops"},"status":{"phase":"Active"}}"#)
        for (mode, level) in labels { namespace.metadata.labels["pod-security.kubernetes.io/\(mode)"] = level }
        return namespace
      })
    var values = EffectiveValues()
    values.lay(try YAML.parse(text, source: "values.yaml"))
    survey.values = .seen(values)
    survey.rendered = .seen(RenderedChart(objects: rendered))
    let list = groups.map { #"{"name":"\#($0)","versions":[]}"# }.joined(separator: ",")
    survey.discovery = .seen(
      APIDiscovery(groups: try object(APIGroupList.self, #"{"groups":[\#(list)]}"#), resources: ResourceMap()))
    return (
      Check.namespacePodSecurity.evaluate(survey, Samples.answers(), Samples.requirements),
      Check.namespacePodSecurity.exemption(Samples.answers(), survey)
    )
  }

  private static let hostPath =
    "{imageBuilder: {extraVolumes: [{name: ca, hostPath: {path: /etc/ssl}}, {name: c, configMap: {name: ca}}]}}"

  @Test(
    "Restricted refuses the builder, baseline only a hostPath, and what only complains warns",
    arguments: [
      ([:], "{}", FindingStatus.pass, "Pod security lets the image builder run."),
      (["enforce": "privileged"], hostPath, .pass, "Pod security lets the image builder run."),
      (["enforce": "baseline"], "{}", .pass, "Pod security lets the image builder run."),
      (
        ["enforce": "restricted"], "{}", .fail,
        "The namespace enforces restricted, which refuses the image builder (it runs as root)."
      ),
      (
        ["enforce": "baseline"], hostPath, .fail,
        "The namespace enforces baseline, which refuses the image builder (hostPath volume ca)."
      ),
      (
        ["warn": "restricted", "audit": "restricted"], "{}", .warn,
        "The namespace does not refuse the image builder, but will complain about it: warn=restricted, audit=restricted."
      ),
      (
        ["enforce": "baseline", "warn": "restricted"], hostPath, .fail,
        "The namespace enforces baseline, which refuses the image builder (hostPath volume ca)."
      ),
      (
        ["enforce": "Restricted"], "{}", .unknown,
        "The label pod-security.kubernetes.io/enforce has no level of Kubernetes: Restricted."
      ),
    ] as [([String: String], String, FindingStatus, String)])
  func levels(_ labels: [String: String], _ values: String, _ status: FindingStatus, _ message: String) throws {
    let (found, exemption) = try Self.verdict(labels, values: values)
    #expect(exemption == nil)
    #expect(found.status == status)
    #expect(found.message == message)
    if status == .fail { #expect(found.remedy?.command?.hasPrefix("kubectl label namespace mlops") == true) }
  }

  @Test("What a pod of the chart breaks is named with the pod")
  func chartPods() throws {
    let pod = try #require(
      ChartObject([
        "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "p"],
        "spec": [
          "hostNetwork": true,
          "containers": [
            ["name": "c", "securityContext": ["privileged": true, "capabilities": ["add": ["CHOWN", "SYS_ADMIN"]]]]
          ],
        ],
      ]))
    let found = try Self.verdict(["enforce": "baseline"], rendered: [pod]).finding
    #expect(
      found.message
        == "The namespace enforces baseline, which refuses Pod p (hostNetwork, privileged container, capability SYS_ADMIN)."
    )
  }

  @Test("An absent namespace passes with what is not known; OpenShift has another way; a denied read is unknown")
  func others() throws {
    let absent = try Self.verdict(nil).finding
    #expect(absent.status == .pass)
    #expect(absent.message.contains("the cluster's own default for pod security, which no API tells"))
    #expect(
      try Self.verdict(["enforce": "restricted"], groups: ["security.openshift.io"]).exemption
        == "On OpenShift security context constraints decide, not these labels: see namespace.scc.")
    let denied = finding(.namespacePodSecurity) { $0.namespace = .failed(ObservationFailure(.denied, "403")) }
    #expect(denied.status == .unknown)
  }
}
