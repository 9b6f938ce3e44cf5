import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("Helm")
struct HelmTests {
  private static let target = HelmCommand.Target(
    kubeconfig: "/home/admin/.kube/my config", context: "prod", namespace: "datarobot-mlops")

  @Test("The release is installed and upgraded by one command line, the same for Helm 3 and 4")
  func upgrade() {
    let expected = [
      "upgrade", "--install", "bosun", "/charts/agent", "--namespace", "datarobot-mlops", "--values", "/a.yaml",
      "--values", "/b.yaml", "--timeout", "10m", "--kubeconfig", "/home/admin/.kube/my config", "--kube-context",
      "prod",
    ]
    let command = HelmCommand.upgrade(
      release: "bosun", chart: ["/charts/agent"], values: ["/a.yaml", "/b.yaml"], timeout: "10m", target: Self.target)
    #expect(
      command
        == ProcessCommand(
          "helm", expected, environment: ["NO_COLOR": "1", "HELM_COLOR": "never"], deadline: .seconds(660)))
    // Helm 4 deprecates --atomic and gives --wait values; neither is needed, since the rollout is watched here.
    #expect(!command.arguments.contains { $0.hasPrefix("--wait") || $0.hasPrefix("--atomic") })
    #expect(!command.arguments.contains("--set"))
  }

  @Test(
    "Rolling back has another flag in Helm 4, and twice the time",
    arguments: [(3, "--atomic"), (4, "--rollback-on-failure")])
  func rollback(_ major: Int, _ flag: String) {
    let command = HelmCommand.upgrade(
      release: "r", chart: ["c"], values: [], timeout: "10m", rollback: HelmCommand.rollbackFlag(major: major),
      target: Self.target)
    #expect(command.arguments.contains(flag))
    #expect(command.deadline == .seconds(1260))
  }

  @Test("What is not given is left to helm")
  func defaults() {
    let command = HelmCommand.upgrade(
      release: "r", chart: ["c"], values: [], timeout: "never",
      target: HelmCommand.Target(kubeconfig: nil, context: nil, namespace: "n"))
    #expect(command.arguments == ["upgrade", "--install", "r", "c", "--namespace", "n", "--timeout", "never"])
    #expect(command.deadline == .seconds(660))
  }

  @Test("The release is removed by one command line")
  func uninstall() {
    let command = HelmCommand.uninstall(release: "bosun", timeout: "90s", target: Self.target)
    #expect(
      command.arguments == [
        "uninstall", "bosun", "--namespace", "datarobot-mlops", "--ignore-not-found", "--timeout", "90s",
        "--kubeconfig", "/home/admin/.kube/my config", "--kube-context", "prod",
      ])
    #expect(command.deadline == .seconds(150))
  }

  @Test("The version is asked without a cluster")
  func version() {
    #expect(HelmCommand.version.arguments == ["version", "--template", "{{.Version}}"])
  }

  @Test(
    "A version's major number is read from what helm prints",
    arguments: [
      ("v3.14.0", 3), ("v4.0.4", 4), ("v10.1.2", 10), ("v3.21.4+g1234", 3), ("v2.17.0", 2), ("3.14.0", nil),
      ("v3", nil), ("vX.1", nil), ("", nil), ("v", nil), ("v.1", nil), ("version.BuildInfo{Version:\"v3.1\"}", nil),
    ] as [(String, Int?)])
  func major(_ text: String, _ expected: Int?) {
    #expect(HelmCommand.major(text) == expected)
  }

  private static func object(
    _ name: String, _ labels: [String: String]
  ) -> PartialObject {
    var object = PartialObject()
    object.metadata.name = name
    object.metadata.labels = labels
    return object
  }

  private static func revision(_ number: String, _ status: String?, name: String = "bosun", owner: String = "helm")
    -> PartialObject
  {
    var labels = ["owner": owner, "name": name, "version": number]
    labels["status"] = status
    return object("sh.helm.release.v1.\(name).v\(number)", labels)
  }

  @Test("The newest revision counts by number, not by name or order")
  func newest() throws {
    let objects = [
      Self.revision("9", "superseded"), Self.revision("10", "deployed"), Self.revision("2", "superseded"),
    ]
    for list in [objects, objects.reversed()] {
      #expect(
        HelmRelease.newest(of: "bosun", among: list)
          == HelmRelease(name: "bosun", revision: 10, status: "deployed", object: "sh.helm.release.v1.bosun.v10"))
    }
  }

  @Test("Other owners, other releases and unreadable numbers are not taken")
  func others() {
    let objects = [
      Self.revision("3", "deployed", owner: "flux"), Self.revision("4", "deployed", name: "other"),
      Self.revision("x", "deployed"), Self.object("plain", [:]),
    ]
    #expect(HelmRelease.newest(of: "bosun", among: objects) == nil)
    #expect(HelmRelease.newest(of: "bosun", among: []) == nil)
    #expect(HelmRelease.newest(of: "bosun", among: objects + [Self.revision("1", nil)])?.status == "unknown")
  }

  @Test(
    "Only the three pending states are pending",
    arguments: [
      ("pending-install", true), ("pending-upgrade", true), ("pending-rollback", true), ("deployed", false),
      ("failed", false), ("uninstalling", false), ("superseded", false),
    ])
  func pending(_ status: String, _ expected: Bool) {
    #expect(HelmRelease(name: "r", revision: 1, status: status, object: "o").isPending == expected)
  }

  @Test("Releases are looked for where HELM_DRIVER keeps them")
  func storage() {
    #expect(HelmRelease.storage([:]) == .secrets)
    #expect(HelmRelease.storage(["HELM_DRIVER": "secret"]) == .secrets)
    #expect(HelmRelease.storage(["HELM_DRIVER": "configmap"]) == .configMaps)
    #expect(HelmRelease.storage(["HELM_DRIVER": "configmaps"]) == .configMaps)
  }
}
