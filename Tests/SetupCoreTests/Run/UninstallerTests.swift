import FoundationEssentials
import HTTP
import Kubernetes
import Synchronization
import TestSupport
import Testing

@testable import SetupCore

@Suite("The uninstaller")
struct UninstallerTests {
  private static let core = "/api/v1/namespaces/datarobot-mlops"
  private static let state = "/home/admin/.local/state/mlops-setup/prod/datarobot-mlops"

  /// An object with our mark, written by these managers; a manager may be followed by `/` and a subresource.
  private static func manifest(
    _ kind: String, _ name: String, managers: [String] = ["mlops-setup"], isOurs: Bool = true, data: String = "{}"
  ) -> String {
    let entries = managers.map { manager in
      let parts = manager.split(separator: "|")
      let subresource = parts.count > 1 ? #","subresource":"\#(parts[1])""# : ""
      return #"{"manager":"\#(parts[0])","operation":"Update"\#(subresource)}"#
    }
    let labels = isOurs ? #"{"app.kubernetes.io/managed-by":"mlops-setup"}"# : "{}"
    return #"{"kind":"\#(kind)","metadata":{"name":"\#(name)","uid":"u-\#(name)","labels":\#(labels),"#
      + #""managedFields":[\#(entries.joined(separator: ","))]},"data":\#(data)}"#
  }

  private static func record(_ revision: Int) -> String {
    manifest("ConfigMap", "mlops-setup-bosun", data: #"{"revision":"\#(revision)"}"#)
  }

  /// What an installation leaves, with these changes.
  private static func cluster(_ changes: [String: String?] = [:]) throws -> ScriptedCluster {
    let revision = ReleaseStepTests.revision(1, "deployed")
    var objects = [
      revision.path: revision.json, "\(core)/configmaps/mlops-setup-bosun": record(1),
      "\(core)/secrets/registry-creds": manifest("Secret", "registry-creds"),
      "\(core)/secrets/mlops-api-key": manifest("Secret", "mlops-api-key"),
      "/api/v1/namespaces/datarobot-mlops": manifest(
        "Namespace", "datarobot-mlops", managers: ["mlops-setup", "kube-controller-manager|status"]),
    ]
    for (path, json) in changes { objects[path.hasPrefix("/") ? path : "\(core)/\(path)"] = json }
    return try ScriptedCluster(objects)
  }

  private static func setup(
    _ cluster: ScriptedCluster, files: MemoryFiles? = nil, helm: ProcessResult = ProcessResult(exitCode: 0)
  ) throws -> Setup {
    let files = try files ?? Samples.files(["\(state)/values.yaml": "a: 1\n"])
    return try Samples.setup(
      files: files, http: cluster,
      programs: [
        "helm": { _ in
          if helm.exitCode == 0 {
            let revision = ReleaseStepTests.revision(1, "deployed")
            _ = try await cluster.send(HTTPRequest(method: "DELETE", url: Samples.server + revision.path))
          }
          return helm
        }
      ])
  }

  private static func texts(_ report: UninstallReport, _ fate: UninstallReport.Fate) -> [String] {
    report.entries.flatMap { entry in entry.items.filter { $0.fate == fate }.map { "\(entry.id): \($0.text)" } }
  }

  private static let everything = [
    "release: uninstall release bosun", "release: delete ConfigMap mlops-setup-bosun",
    "values: delete \(state)/values.yaml", "registry-credentials: delete Secret registry-creds",
    "api-token: delete Secret mlops-api-key",
  ]

  @Test("It lists what would go in reverse and what stays, and writes nothing")
  func rehearsal() async throws {
    let cluster = try Self.cluster()
    let report = try await Uninstaller(Self.setup(cluster), .init()).rehearse()
    #expect(Self.texts(report, .removable) == Self.everything)
    #expect(
      Self.texts(report, .stays) == [
        "namespace: Namespace datarobot-mlops stays, with whatever else is in it; --namespace removes it too"
      ])
    #expect(report.obstacle == nil)
    #expect(cluster.writes == [])
  }

  @Test("It removes what it listed, and the journal tells each part")
  func run() async throws {
    let cluster = try Self.cluster()
    let files = try Samples.files(["\(Self.state)/values.yaml": "a: 1\n"])
    let setup = try Self.setup(cluster, files: files)
    let uninstaller = Uninstaller(setup, .init(named: ["namespace"]))
    let told = Mutex<[String]>([])
    let report = try await uninstaller.run(try await uninstaller.rehearse()) { event in
      if case .started(let id) = event { told.withLock { $0.append(id.name) } }
    }
    #expect(
      Self.texts(report, .removed) == [
        "release: uninstalled release bosun", "release: deleted ConfigMap mlops-setup-bosun",
        "values: deleted \(Self.state)/values.yaml", "registry-credentials: deleted Secret registry-creds",
        "api-token: deleted Secret mlops-api-key", "namespace: deleted Namespace datarobot-mlops",
      ])
    #expect(report.failure == nil)
    #expect(told.withLock { $0 } == ["release", "values", "registry-credentials", "api-token", "namespace"])
    let events = try (files.text("\(Self.state)/journal.jsonl") ?? "").split(separator: "\n").map { line in
      let entry = try object(Journal.Entry.self, String(line))
      return [entry.event, entry.step, entry.outcome].compactMap { $0 }.joined(separator: " ")
    }
    #expect(events.prefix(3) == ["uninstall-started", "undo-started release", "undo-finished release done"])
    #expect(events.last == "uninstall-finished done")
  }

  @Test(
    "Only what another hand has written counts as a change",
    arguments: [
      (["mlops-setup"], nil), (["mlops-setup", "kube-controller-manager"], nil),
      (["mlops-setup", "some-operator|status"], nil),
      (["mlops-setup", "openshift.io/image-registry-pull-secrets_service-account-controller"], nil),
      (["mlops-setup", "kubectl-edit"], "kubectl-edit has"),
      (["mlops-setup", "kubectl-edit", "argocd-controller", "kubectl-edit"], "kubectl-edit, argocd-controller have"),
      (["velero-server"], "velero-server has"), (["mlops-setup", "kubectl|scale"], "kubectl has"),
    ] as [([String], String?)])
  func writers(_ managers: [String], _ expected: String?) async throws {
    let cluster = try Self.cluster([
      "secrets/registry-creds": Self.manifest("Secret", "registry-creds", managers: managers)
    ])
    let report = try await Uninstaller(Self.setup(cluster), .init()).rehearse()
    let stays = Self.texts(report, .stays).filter { $0.hasPrefix("registry-credentials") }
    #expect(
      stays
        == (expected.map {
          [
            "registry-credentials: Secret registry-creds stays: \($0) written to it; "
              + "--remove registry-credentials removes it all the same"
          ]
        } ?? []))
    let named = try await Uninstaller(Self.setup(cluster), .init(named: ["registry-credentials"])).rehearse()
    #expect(Self.texts(named, .removable).contains("registry-credentials: delete Secret registry-creds"))
  }

  @Test("What does not carry our mark stays, named or not")
  func foreign() async throws {
    let cluster = try Self.cluster([
      "secrets/mlops-api-key": Self.manifest("Secret", "mlops-api-key", isOurs: false),
      "/api/v1/namespaces/datarobot-mlops": Self.manifest("Namespace", "datarobot-mlops", isOurs: false),
    ])
    let uninstaller = Uninstaller(try Self.setup(cluster), .init(named: ["api-token", "namespace"]))
    let report = try await uninstaller.run(try await uninstaller.rehearse()) { _ in }
    #expect(
      Self.texts(report, .stays) == [
        "api-token: Secret mlops-api-key stays: it is not ours",
        "namespace: Namespace datarobot-mlops stays: it is not ours",
      ])
    #expect(cluster.object("\(Self.core)/secrets/mlops-api-key") != nil)
  }

  @Test(
    "A release stays, with what it needs, where it is not as we left it",
    arguments: [
      (1, "deployed", 1, nil, nil), (2, "deployed", 1, nil, "another hand made its revision 2, after our revision 1"),
      (1, "deployed", nil, nil, "nothing says that mlops-setup made it"),
      (1, "pending-upgrade", 1, nil, "revision 1 is pending-upgrade, so another helm is at work on it"),
      (1, "uninstalling", 1, nil, nil), (2, "failed", 1, #""outcome":"failed","event":"step-finished""#, nil),
      (2, "deployed", 1, #""outcome":"failed","event":"step-finished""#, "another hand made its revision 2"),
      (1, "pending-install", nil, #""event":"step-started""#, nil),
      (1, "deployed", nil, #""event":"step-finished","outcome":"changed""#, "nothing says that mlops-setup made it"),
    ] as [(Int, String, Int?, String?, String?)])
  func release(_ revision: Int, _ status: String, _ recorded: Int?, _ journal: String?, _ objection: String?)
    async throws
  {
    let first = ReleaseStepTests.revision(1, "superseded")
    let live = ReleaseStepTests.revision(revision, status)
    var changes: [String: String?] = [first.path: first.json]
    changes[live.path] = live.json
    changes["configmaps/mlops-setup-bosun"] = .some(recorded.map { Self.record($0) })
    let cluster = try Self.cluster(changes)
    let files = try Samples.files(["\(Self.state)/values.yaml": "a: 1\n"])
    if let journal {
      files.put("\(Self.state)/journal.jsonl", "{\(journal),\"step\":\"release\",\"time\":\"t\"}\n")
    }
    let report = try await Uninstaller(Self.setup(cluster, files: files), .init()).rehearse()
    let removable = Self.texts(report, .removable)
    guard let objection else {
      #expect(removable.contains("release: uninstall release bosun"))
      return
    }
    let stays = Self.texts(report, .stays)
    #expect(stays[0].hasPrefix("release: release bosun stays: \(objection)"), "\(stays)")
    #expect(stays[0].hasSuffix("; --remove release removes it all the same"))
    #expect(
      stays.contains("api-token: Secret mlops-api-key stays: release bosun stays and may need it"), "\(stays)")
    #expect(removable == [])
    let named = try await Uninstaller(Self.setup(cluster, files: files), .init(named: ["release"])).rehearse()
    #expect(Self.texts(named, .removable).contains("release: uninstall release bosun"))
    #expect(Self.texts(named, .removable).contains("api-token: delete Secret mlops-api-key"))
  }

  @Test("Where helm fails it stops, with its words and an exit code, and what comes after stays as it was")
  func fails() async throws {
    let cluster = try Self.cluster()
    let setup = try Self.setup(cluster, helm: ProcessResult(exitCode: 1, errors: "Error: etcd is away\n"))
    let uninstaller = Uninstaller(setup, .init())
    let report = try await uninstaller.run(try await uninstaller.rehearse()) { _ in }
    #expect(Self.texts(report, .failed) == ["release: helm could not uninstall release bosun: Error: etcd is away"])
    #expect(Self.texts(report, .notReached) == Array(Self.everything.dropFirst(2)))
    #expect(report.failure?.exitCode == 1)
    #expect(cluster.writes == [])
    let text = TextReport.uninstall(report)
    #expect(
      text.contains("It stopped here. Run it again to go on from there.\nBy hand: helm uninstall bosun"), "\(text)")
  }

  @Test("What would stay anyway need not be looked at; what would go must be")
  func unseen() async throws {
    for (path, isFatal) in [("/apis/policy/v1/", false), ("\(Self.core)/secrets/mlops-api-key", true)] {
      let blind = try ScriptedCluster { request in
        request.url.contains(path) ? .status(403, "Forbidden", "not for you") : nil
      }
      let uninstaller = Uninstaller(try Self.setup(blind), .init())
      if isFatal {
        await #expect(throws: KubernetesError.self) { try await uninstaller.rehearse() }
      } else {
        let report = try await uninstaller.rehearse()
        #expect(Self.texts(report, .stays).contains { $0.hasPrefix("models: stays; it could not be looked at: ") })
      }
    }
  }

  @Test("Two at once are refused before anything is removed")
  func locked() async throws {
    let cluster = try Self.cluster()
    let setup = try Self.setup(cluster)
    let uninstaller = Uninstaller(setup, .init())
    let report = try await uninstaller.rehearse()
    let lock = try setup.lockTarget("context prod")
    let error = await #expect(throws: SetupError.self) { try await uninstaller.run(report) { _ in } }
    #expect(error?.message.hasPrefix("another run is at work on context prod") == true)
    #expect(cluster.writes == [])
    withExtendedLifetime(lock) {}
  }

  @Test("After an uninstall no step is in the middle of anything, and nothing is known of the release")
  func journal() throws {
    let started = #"{"event":"step-started","step":"release","time":"t"}"# + "\n"
    let part = #"{"event":"uninstall-finished","outcome":"part","time":"t"}"# + "\n"
    let done = #"{"event":"uninstall-finished","outcome":"done","time":"t"}"# + "\n"
    for (lines, open) in [(started, true), (started + part, true), (started + done, false), (done + started, true)] {
      let journal = Journal(path: "/j", world: .fake(files: MemoryFiles(["/j": lines])))
      #expect(try journal.interruptedSteps() == (open ? ["release"] : []), "\(lines)")
      #expect(try journal.lastEntry(of: "release")?.event == (open ? "step-started" : nil), "\(lines)")
    }
  }

  @Test("Another release of ours in the namespace keeps what these answers do not name")
  func neighbour() async throws {
    let cluster = try Self.cluster([
      "configmaps/registry-ca": Self.manifest("ConfigMap", "registry-ca"),
      "configmaps/mlops-setup-second": Self.manifest("ConfigMap", "mlops-setup-second"),
    ])
    let report = try await Uninstaller(Self.setup(cluster), .init()).rehearse()
    #expect(
      Self.texts(report, .stays).filter { $0.hasPrefix("leftovers") } == [
        "leftovers: ConfigMap mlops-setup-second stays: release second in this namespace may need it",
        "leftovers: ConfigMap registry-ca stays: release second in this namespace may need it",
      ])
  }

  @Test("What a killed trial of the image builder left is no other release, and goes")
  func trial() async throws {
    let name = "mlops-setup-builder-trial"
    let cluster = try Self.cluster([
      "configmaps/\(name)": Self.manifest("ConfigMap", name),
      "pods/\(name)": Self.manifest("Pod", name, managers: ["mlops-setup", "kubelet|status"]),
    ])
    let report = try await Uninstaller(Self.setup(cluster), .init()).rehearse()
    #expect(
      Self.texts(report, .removable).filter { $0.hasPrefix("leftovers") } == [
        "leftovers: delete ConfigMap \(name)", "leftovers: delete Pod \(name)",
      ])
  }
}
