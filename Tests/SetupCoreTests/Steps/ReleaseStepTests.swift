import FoundationEssentials
import HTTP
import Kubernetes
import Synchronization
import TestSupport
import Testing
import Text

@testable import SetupCore

@Suite("The release's step")
struct ReleaseStepTests {
  private static let state = "/home/admin/.local/state/mlops-setup/prod/datarobot-mlops"
  private static let secrets = "/api/v1/namespaces/datarobot-mlops/secrets"
  private static let recordPath = "/api/v1/namespaces/datarobot-mlops/configmaps/mlops-setup-bosun"

  static func revision(_ number: Int, _ status: String) -> (path: String, json: String) {
    let name = "sh.helm.release.v1.bosun.v\(number)"
    return (
      "\(secrets)/\(name)",
      #"{"kind":"Secret","metadata":{"name":"\#(name)","labels":{"owner":"helm","name":"bosun","version":"\#(number)","status":"\#(status)"}}}"#
    )
  }

  private static func cluster(_ revisions: (path: String, json: String)...) throws -> ScriptedCluster {
    try ScriptedCluster(Dictionary(uniqueKeysWithValues: revisions.map { ($0.path, $0.json) }))
  }

  /// A helm that leaves a deployed revision behind, as the real one does, and remembers what it was told.
  private final class Helm: Sendable {
    let commands = Mutex<[ProcessCommand]>([])
    let cluster: ScriptedCluster
    let result: ProcessResult
    let leaves: (path: String, json: String)?

    init(
      _ cluster: ScriptedCluster, result: ProcessResult = ProcessResult(exitCode: 0),
      leaves: (path: String, json: String)? = nil
    ) {
      self.cluster = cluster
      self.result = result
      self.leaves = leaves
    }

    var program: @Sendable (ProcessCommand) async throws -> ProcessResult {
      { [self] command in
        commands.withLock { $0.append(command) }
        if let leaves { try cluster.put(leaves.path, leaves.json) }
        return result
      }
    }

    var lines: [String] { commands.withLock { $0.map { Shell.line([$0.executable] + $0.arguments) } } }
  }

  private func setup(
    _ cluster: ScriptedCluster, _ answers: Answers = Samples.answers(), files: MemoryFiles? = nil, helm: Helm? = nil
  ) throws -> Setup {
    try Samples.setup(answers, files: files, http: cluster, programs: helm.map { ["helm": $0.program] } ?? [:])
  }

  private func inspect(
    _ cluster: ScriptedCluster, _ answers: Answers = Samples.answers(), files: MemoryFiles? = nil
  ) async throws -> StepState {
    try await ReleaseStep(answers).inspect(try setup(cluster, answers, files: files))
  }

  /// The first line of what is needed; what differs in the release comes behind it.
  private func change(
    _ cluster: ScriptedCluster, _ answers: Answers = Samples.answers(), files: MemoryFiles? = nil
  ) async throws -> String? {
    let helm = Helm(cluster, result: ProcessResult(exitCode: 1, errors: "Error: unknown command\n"))
    let setup = try setup(cluster, answers, files: files, helm: helm)
    guard case .needed(let lines) = try await ReleaseStep(answers).inspect(setup) else { return nil }
    return lines.first
  }

  @Test("No release is needed, and one that was uninstalled with its history kept too")
  func absent() async throws {
    let expected = StepState.needed([
      "install release bosun of chart datarobot-management-agent-2.1.0", "record it in ConfigMap mlops-setup-bosun",
    ])
    #expect(try await inspect(try Self.cluster()) == expected)
    #expect(try await inspect(try Self.cluster(Self.revision(3, "uninstalled"))) == expected)
  }

  @Test("Installing runs helm once, records what the revision was made of, and is then done")
  func install() async throws {
    let cluster = try Self.cluster()
    let helm = Helm(cluster, leaves: Self.revision(1, "deployed"))
    let setup = try setup(cluster, helm: helm)
    let told = Mutex<[String]>([])
    try await ReleaseStep(setup.answers).perform(setup) { progress in told.withLock { $0.append(progress.message) } }
    #expect(
      helm.lines == [
        "helm upgrade --install bosun /home/admin/work/datarobot-management-agent --namespace datarobot-mlops --values \(Self.state)/values.yaml --timeout 10m --kube-context prod"
      ])
    #expect(
      told.withLock { $0 } == ["helm upgrade --install bosun", "release bosun revision 1 is deployed"])
    #expect(cluster.writes == ["PATCH \(Self.recordPath)?fieldManager=mlops-setup"])
    let record = try #require(cluster.object(Self.recordPath))
    #expect(record["data"]?["chart"] == "datarobot-management-agent-2.1.0")
    #expect(record["data"]?["revision"] == "1")
    #expect(record["metadata"]?["labels"]?["app.kubernetes.io/managed-by"] == "mlops-setup")
    #expect(!"\(record)".contains("55f1"))
    #expect(
      try await ReleaseStep(setup.answers).inspect(setup)
        == .done("release bosun revision 1 is deployed with these values and this chart"))
  }

  /// A cluster after an installation with the sample answers.
  private func installed() async throws -> ScriptedCluster {
    let cluster = try Self.cluster()
    let setup = try setup(cluster, helm: Helm(cluster, leaves: Self.revision(1, "deployed")))
    try await ReleaseStep(setup.answers).perform(setup) { _ in }
    return cluster
  }

  @Test("Other answers, another chart or a revision of another hand are each told as the reason to upgrade")
  func reasons() async throws {
    let prefix = "upgrade release bosun from revision 1 to chart datarobot-management-agent-2.1.0: "
    let cluster = try await installed()
    let other = Samples.answers(["ingress.className": .text("other")])
    #expect(try await change(cluster, other) == prefix + "other values")
    let template = "/home/admin/work/datarobot-management-agent/templates/deployment.yaml"
    #expect(
      try await change(cluster, files: try Samples.files([template: "changed"])) == prefix + "another chart")
    let revision = Self.revision(2, "deployed")
    try cluster.put(revision.path, revision.json)
    #expect(
      try await change(cluster)
        == "upgrade release bosun from revision 2 to chart datarobot-management-agent-2.1.0: the last revision was not made by these answers"
    )
  }

  @Test("More values files count as values, and one that is not there is told before helm runs")
  func moreValues() async throws {
    let answers = Samples.answers(["chart.values": .list(["more.yaml", "/etc/last.yaml"])])
    let files = try Samples.files(["/home/admin/work/more.yaml": "a: 1\n", "/etc/last.yaml": "b: 2\n"])
    let cluster = try Self.cluster()
    let helm = Helm(cluster, leaves: Self.revision(1, "deployed"))
    let setup = try setup(cluster, answers, files: files, helm: helm)
    let step = ReleaseStep(answers)
    try await step.perform(setup) { _ in }
    #expect(
      helm.lines[0].contains(
        "--values \(Self.state)/values.yaml --values /home/admin/work/more.yaml --values /etc/last.yaml"))
    files.put("/etc/last.yaml", "b: 3\n")
    guard case .needed(let changes) = try await step.inspect(setup) else {
      Issue.record("not needed")
      return
    }
    #expect(changes[0].hasSuffix(": other values"))
    let error = await #expect(throws: SetupError.self) { try await inspect(cluster, answers) }
    #expect(error?.message == "there is no values file /home/admin/work/more.yaml")
    #expect(error?.code == .usage)
  }

  @Test("A failed revision is upgraded")
  func failed() async throws {
    #expect(
      try await inspect(try Self.cluster(Self.revision(1, "superseded"), Self.revision(2, "failed")))
        == .needed([
          "upgrade release bosun, whose revision 2 is failed, to chart datarobot-management-agent-2.1.0"
        ]))
  }

  @Test(
    "A revision that is pending by another hand blocks and names the object",
    arguments: ["pending-install", "pending-upgrade", "uninstalling"])
  func pendingForeign(_ status: String) async throws {
    #expect(
      try await inspect(try Self.cluster(Self.revision(2, status)))
        == .blocked(
          "release bosun revision 2 is \(status): another helm is at work on it, or one was killed. Wait for it; where nobody is at work: kubectl delete secret sh.helm.release.v1.bosun.v2 --namespace datarobot-mlops --context prod"
        ))
  }

  @Test("Where Helm keeps releases in ConfigMaps they are looked for there, and that is what would be deleted")
  func configMaps() async throws {
    let revision = Self.revision(2, "pending-upgrade")
    let cluster = try ScriptedCluster([
      revision.path.components("/secrets/").joined(separator: "/configmaps/"): revision.json
    ])
    let environment = Samples.environment.merging(["HELM_DRIVER": "configmap"]) { $1 }
    let setup = try Samples.setup(http: cluster, environment: environment)
    let reason = try await ReleaseStep(setup.answers).inspect(setup).whyBlocked()
    #expect(reason.contains("kubectl delete configmap sh.helm.release.v1.bosun.v2 "))
  }

  @Test("A revision that our own killed run left pending is cleared and installed again")
  func pendingOurs() async throws {
    let files = try Samples.files([
      "\(Self.state)/journal.jsonl":
        #"{"event":"run-started","time":"t"}"# + "\n" + #"{"event":"step-started","step":"release","time":"t"}"# + "\n"
    ])
    let cluster = try Self.cluster(Self.revision(1, "pending-install"))
    #expect(
      try await inspect(cluster, files: files)
        == .needed(["clear the interrupted revision 1 (pending-install) and install release bosun again"]))
    let helm = Helm(cluster, leaves: Self.revision(1, "deployed"))
    let setup = try setup(cluster, files: files, helm: helm)
    try await ReleaseStep(setup.answers).perform(setup) { _ in }
    #expect(cluster.writes.first == "DELETE \(Self.secrets)/sh.helm.release.v1.bosun.v1")
    #expect(helm.lines.count == 1)
  }

  @Test("What helm says last is the error, without its warnings and control characters, with the command by hand")
  func helmFails() async throws {
    let cluster = try Self.cluster()
    let helm = Helm(
      cluster,
      result: ProcessResult(
        exitCode: 1,
        errors:
          "WARNING: Kubernetes configuration file is group-readable\n\n\u{1b}[31mError: \u{1b}[0mchart requires kubeVersion\n"
      ))
    let setup = try setup(cluster, helm: helm)
    let error = try #require(
      await #expect(throws: SetupError.self) { try await ReleaseStep(setup.answers).perform(setup) { _ in } })
    #expect(error.code == .installFailed)
    #expect(error.message == "helm could not install release bosun: Error: chart requires kubeVersion")
    #expect(error.next.hasPrefix("By hand: helm upgrade --install bosun /home/admin/work/datarobot-management-agent "))
    #expect(cluster.writes == [])
  }

  @Test("A helm that does not end is told with its limit")
  func helmHangs() async throws {
    let cluster = try Self.cluster()
    let setup = try setup(cluster, helm: Helm(cluster, result: ProcessResult(exitCode: 124, timedOut: true)))
    let error = await #expect(throws: SetupError.self) {
      try await ReleaseStep(setup.answers).perform(setup) { _ in }
    }
    #expect(error?.message == "helm could not install release bosun: it did not end within 660.0 seconds")
  }

  @Test("The lock that our own helm leaves behind when it fails is taken away")
  func helmLeavesALock() async throws {
    let cluster = try Self.cluster()
    let helm = Helm(
      cluster, result: ProcessResult(exitCode: 124, timedOut: true), leaves: Self.revision(1, "pending-install"))
    let setup = try setup(cluster, helm: helm)
    _ = await #expect(throws: SetupError.self) { try await ReleaseStep(setup.answers).perform(setup) { _ in } }
    #expect(cluster.writes == ["DELETE \(Self.secrets)/sh.helm.release.v1.bosun.v1"])
  }

  @Test("A helm that ends well and leaves nothing deployed is not believed")
  func helmLies() async throws {
    for leaves in [nil, Self.revision(1, "failed")] {
      let cluster = try Self.cluster()
      let setup = try setup(cluster, helm: Helm(cluster, leaves: leaves))
      let error = await #expect(throws: SetupError.self) {
        try await ReleaseStep(setup.answers).perform(setup) { _ in }
      }
      #expect(error?.message == "helm ended well, but no deployed release bosun is in the namespace")
      #expect(cluster.object(Self.recordPath) == nil)
    }
  }

  @Test("Taking back uninstalls the release and removes the record, which only goes where it is ours")
  func undo() async throws {
    let cluster = try await installed()
    let helm = Helm(cluster)
    let setup = try setup(cluster, helm: helm)
    #expect(
      try await ReleaseStep(setup.answers).undo(setup)
        == "uninstalled release bosun; deleted ConfigMap mlops-setup-bosun")
    #expect(
      helm.lines == [
        "helm uninstall bosun --namespace datarobot-mlops --ignore-not-found --timeout 10m --kube-context prod"
      ])
    let empty = try Self.cluster()
    #expect(
      try await ReleaseStep(setup.answers).undo(try self.setup(empty))
        == "release bosun is not there; ConfigMap mlops-setup-bosun is not there")
    let foreign = try Self.cluster(
      Self.revision(1, "deployed"),
      (Self.recordPath, #"{"kind":"ConfigMap","metadata":{"name":"mlops-setup-bosun"},"data":{}}"#))
    #expect(
      try await ReleaseStep(setup.answers).undo(try self.setup(foreign, helm: Helm(foreign)))
        == "uninstalled release bosun; ConfigMap mlops-setup-bosun stays: it is not ours")
  }

  @Test("The values file's step writes it for nobody else to read, and is then done")
  func valuesFile() async throws {
    let files = try Samples.files()
    let setup = try Samples.setup(files: files)
    let step = ValuesFileStep(setup.answers)
    #expect(try await step.inspect(setup) == .needed(["write \(Self.state)/values.yaml (12 values)"]))
    try await step.perform(setup) { _ in }
    #expect(files.mode("\(Self.state)/values.yaml") == 0o600)
    #expect(try await step.inspect(setup) == .done("\(Self.state)/values.yaml is as it should be"))
    files.put("\(Self.state)/values.yaml", "edited: by hand\n")
    #expect(try await step.inspect(setup) == .needed(["write \(Self.state)/values.yaml (12 values)"]))
    #expect(try await step.undo(setup) == "deleted \(Self.state)/values.yaml")
    #expect(files.text("\(Self.state)/values.yaml") == nil)
  }

  @Test("What the chart does not know is told before the values file is written")
  func leftOut() async throws {
    let files = try Samples.files(["/home/admin/work/datarobot-management-agent/values.yaml": "imageBuilder: {}\n"])
    let setup = try Samples.setup(files: files)
    guard case .needed(let changes) = try await ValuesFileStep(setup.answers).inspect(setup) else {
      Issue.record("not needed")
      return
    }
    #expect(changes[0] == "write \(Self.state)/values.yaml (3 values)")
    #expect(changes.contains("left out datarobot.apiSecretName: the chart does not know it"))
  }
}
