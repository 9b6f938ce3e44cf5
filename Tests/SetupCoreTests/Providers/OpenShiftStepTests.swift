import Foundation
import Kubernetes
import OrderedCollections
import Registry
import Simulator
import TestSupport
import Testing
import Text

@testable import SetupCore

@Suite("OpenShift's registry: what the plan makes in a simulated OpenShift", .timeLimit(.minutes(3)))
struct OpenShiftStepTests {
  private static let namespace = "datarobot-mlops"

  private static func secret(_ name: String, _ stage: SimulatedStage) async -> JSONValue? {
    await stage.server.object("secrets", namespace: namespace, name: name)
  }

  private static func bytes(_ secret: JSONValue?, _ key: String) -> [UInt8] {
    Data(base64Encoded: secret?["data"]?[key]?.string ?? "").map(Array.init) ?? []
  }

  // MARK: The token

  @Test(
    "The token is the one behind the pull secret where OpenShift keeps one, else that of a Secret which asks for it; the builder's Secret has the type it reads; a second look finds all done",
    arguments: [("4.8.57", true), ("4.15.9", true), ("4.16.1", false), ("4.18.9", false)])
  func token(_ release: String, _ isDocumented: Bool) async throws {
    try await OpenShiftSamples.with(release) { stage in
      try await OpenShiftSamples.run(stage)
      let own = "\(OpenShiftSamples.account)-token"
      #expect(await Self.secret(own, stage) == nil || !isDocumented)
      let found = try await BuilderToken.find(stage.setup.kubernetes(), namespace: Self.namespace)
      guard case .there(let token) = found else {
        Issue.record("no token")
        return
      }
      #expect(token.isDocumented == isDocumented)
      let made = await Self.secret("registry-creds", stage)
      #expect(made?["type"] == "kubernetes.io/dockerconfigjson")
      let config = try DockerConfig(parsing: Self.bytes(made, ".dockerconfigjson"), name: "made")
      let credential = config.storedCredential(host: OpenShiftSamples.registry)
      #expect(config.hosts == [OpenShiftSamples.registry])
      #expect(credential?.username == "imagebuilder")
      #expect(
        credential?.password
          == String(decoding: Self.bytes(await Self.secret(token.secret, stage), "token"), as: UTF8.self))
      #expect(credential?.password.isEmpty == false)

      stage.server.log.clear()
      #expect(try await OpenShiftSamples.pending(stage) == [])
      #expect(stage.server.log.writes.isEmpty)
    }
  }

  @Test("When the token changed the builder's Secret is made anew")
  func newToken() async throws {
    try await OpenShiftSamples.with("4.18.9") { stage in
      try await OpenShiftSamples.run(stage)
      let before = Self.bytes(await Self.secret("registry-creds", stage), ".dockerconfigjson")
      await stage.server.remove("secrets", namespace: Self.namespace, name: "\(OpenShiftSamples.account)-token")
      #expect(try await OpenShiftSamples.pending(stage) == ["registry-credentials"])
      try await OpenShiftSamples.run(stage)
      #expect(Self.bytes(await Self.secret("registry-creds", stage), ".dockerconfigjson") != before)
      #expect(try await OpenShiftSamples.pending(stage) == [])
    }
  }

  @Test("Nothing can be pushed before the project is there, and everything once it is")
  func push() async throws {
    try await OpenShiftSamples.with("4.18.9", hasProject: false) { stage in
      let registry = OpenShiftRegistry()
      #expect(try await registry.missingForPush(stage.setup) == "create Namespace datarobot-mlops")
      try await OpenShiftSamples.run(stage)
      #expect(try await registry.missingForPush(stage.setup) == nil)
    }
  }

  @Test("A Secret of another's with another token, or of the type that the builder cannot read, is not touched")
  func foreignSecret() async throws {
    for (type, key, words) in [
      ("kubernetes.io/dockerconfigjson", ".dockerconfigjson", "another token than the image builder's"),
      ("kubernetes.io/dockercfg", ".dockercfg", "the image builder reads only kubernetes.io/dockerconfigjson"),
    ] {
      try await OpenShiftSamples.with("4.18.9") { stage in
        let client = try stage.setup.kubernetes()
        let content = Data(type.hasSuffix("json") ? #"{"auths":{}}"#.utf8 : "{}".utf8).base64EncodedString()
        let object: JSONValue = [
          "metadata": ["name": "registry-creds", "namespace": .string(Self.namespace)], "type": .string(type),
          "data": [key: .string(content)],
        ]
        _ = try await client.create(JSONValue.self, .secrets, object, namespace: Self.namespace)
        let step = BuilderCredentialsStep(stage.setup.answers)
        let reason = try await step.inspect(stage.setup).whyBlocked()
        #expect(reason.contains(words), "\(reason)")
      }
    }
  }

  @Test("An uninstall takes back what is ours, in reverse, and leaves what is another's")
  func undo() async throws {
    try await OpenShiftSamples.with("4.18.9") { stage in
      let client = try stage.setup.kubernetes()
      let theirs: JSONValue = [
        "apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": .string(OpenShiftSamples.account)],
      ]
      _ = try await client.create(JSONValue.self, .serviceAccounts, theirs, namespace: Self.namespace)
      try await OpenShiftSamples.run(stage)
      for step in OpenShiftSamples.steps(stage).reversed() where !step.staysUnlessNamed {
        _ = try await step.undo(stage.setup)
      }
      #expect(await Self.secret("registry-creds", stage) == nil)
      #expect(await Self.secret("\(OpenShiftSamples.account)-token", stage) == nil)
      let bindings = await stage.server.objects("rolebindings.rbac.authorization.k8s.io", namespace: Self.namespace)
      #expect(!bindings.contains { ManagedObject.isOurs($0) })
      #expect(
        await stage.server.object("serviceaccounts", namespace: Self.namespace, name: OpenShiftSamples.account) != nil)
    }
  }

  // MARK: Rights

  @Test("Who may not give the use of a constraint is told the administrator's command; once it was run, all goes on")
  func constraint() async throws {
    try await OpenShiftSamples.with("4.18.9", rights: OpenShiftSamples.projectAdmin) { stage in
      let step = GrantStep(constraint: .anyUser, stage.setup.answers)
      let command = GrantStep.adminCommand(.anyUser, namespace: Self.namespace)
      let reason = try await step.inspect(stage.setup).whyBlocked()
      #expect(reason.hasSuffix("Have one run: \(command)"), "\(reason)")
      let rights = try await OpenShiftLookups.project(stage.setup).rights
      #expect(rights[.anyUser] == .notOurs && rights[.hostMount] == .notOurs)
    }
  }

  @Test("A binding of another's that gives the right will do, whatever it is called")
  func foreignBinding() async throws {
    try await OpenShiftSamples.with("4.18.9") { stage in
      let client = try stage.setup.kubernetes()
      let binding: JSONValue = [
        "metadata": ["name": "by-hand"],
        "roleRef": [
          "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:openshift:scc:anyuid",
        ],
        "subjects": [
          ["kind": "ServiceAccount", "name": .string(OpenShiftSamples.account), "namespace": .string(Self.namespace)]
        ],
      ]
      _ = try await client.create(JSONValue.self, .roleBindings, binding, namespace: Self.namespace)
      let step = GrantStep(constraint: .anyUser, stage.setup.answers)
      #expect(
        try await step.inspect(stage.setup)
          == .done("RoleBinding by-hand lets the image builder run as root, which image builds need"))
      #expect(try await OpenShiftLookups.project(stage.setup).rights[.anyUser] == .granted(by: "by-hand"))
    }
  }

  @Test("The account may push and be root, and with the node's folder mount it")
  func rights() async throws {
    try await OpenShiftSamples.with("4.18.9", more: ["registry.verification": .text("host")]) { stage in
      try await OpenShiftSamples.run(stage)
      let client = try stage.setup.kubernetes()
      let user = "system:serviceaccount:\(Self.namespace):\(OpenShiftSamples.account)"
      let constraints = Resource.securityContextConstraints
      var questions = [
        ResourceAttributes(
          "update", .imageStreams, namespace: Self.namespace, name: "frozen-models", subresource: "layers")
      ]
      questions += BuilderConstraint.allCases.map {
        ResourceAttributes("use", constraints, namespace: Self.namespace, name: $0.rawValue)
      }
      for question in questions {
        #expect(try await client.review(question, user: user).value.allowed, "\(question)")
      }
    }
  }

  // MARK: The project

  @Test("Who may not make namespaces asks for a project, may then do all in it, and can take it back")
  func projectRequest() async throws {
    let rights = SimulatedStage.Rights.rules([
      ["apiGroups": ["project.openshift.io"], "resources": ["projectrequests"], "verbs": ["create"]]
    ])
    try await OpenShiftSamples.with("4.18.9", rights: rights, hasProject: false) { stage in
      let step = try #require(OpenShiftSamples.steps(stage).first as? ProjectStep)
      #expect(try await step.inspect(stage.setup) == .needed(["ask OpenShift for the project datarobot-mlops"]))
      #expect(try await step.find(stage.setup.kubernetes()) == nil)
      #expect(try await ProjectStep.isAskedFor(stage.setup))
      // What is in it cannot be seen yet, and the plan is made all the same.
      let plan = try await Planner.plan(stage.setup)
      let done = plan.entries.filter { if case .done = $0.state { true } else { false } }.map(\.step.id)
      #expect(Set(done).isSubset(of: ["values", "agent-attach"]), "\(done)")
      try await step.perform(stage.setup) { _ in }
      #expect(try await step.inspect(stage.setup) == .done("Namespace datarobot-mlops exists"))
      #expect(
        await stage.server.object("namespaces", name: Self.namespace)?.annotations["openshift.io/requester"]
          == "system:anonymous")
      #expect(try await step.undo(stage.setup) == "deleted the project datarobot-mlops")
    }
  }

  @Test("Who may do neither is told what to ask an administrator for")
  func noProject() async throws {
    try await OpenShiftSamples.with("4.18.9", rights: .rules([]), hasProject: false) { stage in
      let reason = try await ProjectStep(stage.setup.answers).inspect(stage.setup).whyBlocked()
      #expect(reason.contains("kubectl create namespace datarobot-mlops"))
    }
  }

  @Test("An administrator makes the namespace with our mark, as everywhere else")
  func namespace() async throws {
    try await OpenShiftSamples.with("4.18.9", hasProject: false) { stage in
      let step = ProjectStep(stage.setup.answers)
      #expect(try await step.inspect(stage.setup) == .needed(["create Namespace datarobot-mlops"]))
      try await step.perform(stage.setup) { _ in }
      let made = await stage.server.object("namespaces", name: Self.namespace)
      #expect(made.map(ManagedObject.isOurs) == true)
    }
  }

  // MARK: The route

  @Test("The route is made where it is asked for, found afterwards, and taken back only where we made it")
  func route() async throws {
    try await OpenShiftSamples.with("4.18.9", more: ["registry.exposeRoute": .text("yes")]) { stage in
      #expect(try await OpenShiftLookups.registry(stage.setup).exposure == .possible)
      let step = RegistryRouteStep(stage.setup.answers)
      guard case .needed = try await step.inspect(stage.setup) else {
        Issue.record("it is not needed")
        return
      }
      try await step.perform(stage.setup) { _ in }
      let host = "default-route-openshift-image-registry.apps.cluster.example.com"
      #expect(try await step.inspect(stage.setup) == .done("the registry has a route: \(host)"))
      #expect(try await RegistryRoute.host(stage.setup) == host)
      #expect(try await OpenShiftLookups.registry(stage.setup).exposure == .ours)
      #expect(step.staysUnlessNamed)
      #expect(try await step.undo(stage.setup) == "took the default route back")
      #expect(try await step.undo(stage.setup) == "there is no default route")
    }
    try await OpenShiftSamples.with("4.18.9", exposes: true, more: ["registry.exposeRoute": .text("yes")]) { stage in
      let seen = try await OpenShiftLookups.registry(stage.setup)
      #expect(seen.exposure == .byOthers)
      let undone = try await RegistryRouteStep(stage.setup.answers).undo(stage.setup)
      #expect(undone == "the default route stays: it was not made by us")
    }
  }

  @Test("Without a route nothing is asked of the registry, and who may not make one is told who can")
  func noRoute() async throws {
    try await OpenShiftSamples.with(
      "4.18.9", rights: OpenShiftSamples.projectAdmin, more: ["registry.exposeRoute": .text("yes")]
    ) { stage in
      let failure = await #expect(throws: ObservationFailure.self) { _ = try await RegistryRoute.host(stage.setup) }
      #expect(failure?.kind == .inapplicable)
      let reason = try await RegistryRouteStep(stage.setup.answers).inspect(stage.setup).whyBlocked()
      #expect(reason.contains(RegistryRouteStep.patchCommand))
    }
  }

  @Test("A cluster that is no OpenShift says so")
  func noOpenShift() async throws {
    try await SimulatedStage.with(.healthy, changes: OpenShiftSamples.changes()) { stage in
      let failure = await #expect(throws: ObservationFailure.self) {
        _ = try await OpenShiftLookups.registry(stage.setup)
      }
      #expect(failure?.message.contains("is no OpenShift") == true)
    }
  }

  // MARK: Commands

  /// A kubectl that answers what the script asks: an account whose pull secret has a token Secret behind it, or has not.
  private static func stub(behind: String) -> String {
    """
    kubectl() {
      for word in "$@"; do printf '<%s>' "$word" >&3; done; printf '\\n' >&3
      case "$*" in
        *serviceaccount*imagePullSecrets*) printf '\(OpenShiftSamples.account)-dockercfg-x1 ' ;;
        *token-secret*) printf '%s' '\(behind)' ;;
        *'yes{{end}}'*) printf yes ;;
        *base64decode*) printf '%s' "$CANARY" ;;
        *) cat >&4 ;;
      esac
    }
    sleep() { :; }

    """
  }

  @Test(
    "The commands find or ask for the same token and write the same Secret, with no secret in an argument",
    arguments: ["\(OpenShiftSamples.account)-token-p6dnc", ""])
  func commands(_ behind: String) async throws {
    let canary = "unseen.t0ken-55f1"
    let setup = try Samples.setup(OpenShiftSamples.answers())
    let command = try #require(BuilderCredentialsStep(setup.answers).commands(setup).first)
    let folder = try ScratchDirectory()
    defer { folder.remove() }
    // Only what makes the Secret's content, of the last pipe.
    let shell = try #require(command.shell.components(" |\nkubectl create secret").first)
    let script = "exec 3>said 4>applied\nset -eu\n" + Self.stub(behind: behind) + shell
    let result = try await Processes.live(environment: ["PATH": "/usr/bin:/bin", "CANARY": canary]).run(
      ProcessCommand("sh", input: Array(script.utf8), workingDirectory: folder.path, deadline: .seconds(20)))
    #expect(result.exitCode == 0 && result.errors == "", "\(result.errors)")
    let config = try DockerConfig(parsing: Array(result.output.utf8), name: "made")
    #expect(
      config.storedCredential(host: OpenShiftSamples.registry)
        == RegistryCredential(username: "imagebuilder", password: canary))
    let said = String(decoding: try folder.read("said"), as: UTF8.self)
    let name = behind.isEmpty ? "\(OpenShiftSamples.account)-token" : behind
    #expect(said.contains("<\(name)>"), "\(said)")
    #expect(!said.contains(canary) && !command.shell.contains(canary))
    let applied = String(decoding: try folder.read("applied"), as: UTF8.self)
    #expect(applied.contains("type: kubernetes.io/service-account-token") == behind.isEmpty, "\(applied)")
  }

  @Test("Every command is one that shellcheck has nothing against")
  func shellcheck() async throws {
    let setup = try Samples.setup(
      OpenShiftSamples.answers(["registry.exposeRoute": .text("yes"), "registry.verification": .text("host")]))
    let shellcheck = try TestProgram("shellcheck", debianPackage: "shellcheck")
    var script = "#!/bin/sh\nset -eu\n"
    for step in Planner.steps(setup.answers) where !["values", "agent-attach", "release", "rollout"].contains(step.id) {
      for command in try await step.commands(setup) { script += command.shell + "\n" }
    }
    if let login = OpenShiftRegistry().shellLogin(setup.answers) { script += login.command("skopeo") + "\n" }
    try await shellcheck.run(["--shell=sh", "-"], input: script)
    #expect(script.contains("--patch='{\"spec\":{\"defaultRoute\":true}}'") || script.contains("defaultRoute"))
  }
}

extension ManagedObject {
  fileprivate static func isOurs(_ object: JSONValue) -> Bool {
    object[path: "metadata", "labels", "app.kubernetes.io/managed-by"] == "mlops-setup"
  }
}

extension JSONValue {
  fileprivate var annotations: [String: String] {
    (self[path: "metadata", "annotations"]?.object ?? [:]).reduce(into: [:]) { $0[$1.key] = $1.value.string }
  }
}
