import Kubernetes
import Text

/// One role for one member, on a repository or on a Google service account. A binding carries no mark: it is ours by its
/// member, which is the image builder alone.
struct GoogleBindingStep: Step {
  let id: StepID
  let title: String
  private let target: GoogleTarget
  private let role: String
  /// The command group, with what it is about; the verb goes between the two.
  private let group: [String]
  private let object: [String]
  private let what: String
  /// Whether the member is the Kubernetes service account itself, whose name holds the project's number.
  private let isPrincipal: Bool
  private let fixedMember: String

  /// The right to push.
  static func writer(_ target: GoogleTarget) -> GoogleBindingStep {
    GoogleBindingStep(
      id: "google-writer", title: "Push right", target: target, role: GoogleTarget.writer,
      group: ["artifacts", "repositories"], object: [target.repository, "--location=\(target.location)"],
      what: "the repository \(target.root)", isPrincipal: target.identity == .direct,
      fixedMember: "serviceAccount:\(target.email)")
  }

  /// The right to act as the Google service account.
  static func user(_ target: GoogleTarget) -> GoogleBindingStep {
    GoogleBindingStep(
      id: "google-user", title: "Account link", target: target, role: "roles/iam.workloadIdentityUser",
      group: ["iam", "service-accounts"], object: [target.email], what: target.email, isPrincipal: false,
      fixedMember: target.poolMember)
  }

  private init(
    id: StepID, title: String, target: GoogleTarget, role: String, group: [String], object: [String], what: String,
    isPrincipal: Bool, fixedMember: String
  ) {
    self.id = id
    self.title = title
    self.target = target
    self.role = role
    self.group = group
    self.object = object
    self.what = what
    self.isPrincipal = isPrincipal
    self.fixedMember = fixedMember
  }

  var staysUnlessNamed: Bool { true }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  private func change(_ verb: String, _ member: String) -> [String] {
    // gcloud asks, or refuses, where another binding has a condition and this is left out.
    group + [verb] + object + ["--member=\(member)", "--role=\(role)", "--condition=None"]
  }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    guard isPrincipal else {
      return [
        EquivalentCommand(
          GCloud.line(change("add-iam-policy-binding", fixedMember), target.project) + " >/dev/null")
      ]
    }
    let describe = ["projects", "describe", target.clusterProject]
    let words = group + ["add-iam-policy-binding"] + object
    return [
      EquivalentCommand(
        "number=$(\(GCloud.line(describe, target.clusterProject)) --format='value(projectNumber)')\n"
          + "\(GCloud.line(words, target.project)) \\\n  --member=\"\(target.principal(number: "${number}"))\" \\\n"
          + "  --role=\(role) --condition=None >/dev/null")
    ]
  }

  private func member(_ setup: Setup) async throws -> String {
    guard isPrincipal else { return fixedMember }
    return target.principal(
      number: try await GoogleProject.number(GCloud(world: setup.world, project: target.clusterProject)))
  }

  /// The member, and what is bound now; nil: what it is about is not there yet.
  private func look(_ setup: Setup) async throws -> (member: String, policy: JSONValue?) {
    let cloud = GCloud(world: setup.world, project: target.project)
    async let policy = cloud.find(group + ["get-iam-policy"] + object)
    let member = try await member(setup)
    return (member, try await policy)
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    let (member, policy) = try await look(setup)
    if GooglePolicy.binds(policy, member, [role]) { return .done("\(member) has \(role) on \(what)") }
    return .needed(["give \(role) on \(what) to \(member)"])
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let member = try await member(setup)
    progress(StepProgress("giving \(role) on \(what)"))
    let cloud = GCloud(world: setup.world, project: target.project)
    var attempt = 1
    while true {
      do {
        return try await cloud.perform(change("add-iam-policy-binding", member))
      } catch let error as CloudError where attempt < 10 && Self.isTooNew(error) {
        // A service account and a workload pool take a while to be known everywhere.
        attempt += 1
        try await setup.world.sleep(.seconds(6))
      }
    }
  }

  private static func isTooNew(_ error: CloudError) -> Bool {
    error.kind == .notFound || error.message.contains("does not exist")
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    let (member, policy) = try await look(setup)
    guard GooglePolicy.binds(policy, member, [role]) else { return [.gone("\(member) has no \(role) on \(what)")] }
    let cloud = GCloud(world: setup.world, project: target.project)
    if target.identity == .serviceAccount {
      let live = try await cloud.find(["iam", "service-accounts", "describe", target.email])
      // Others may act as it.
      if let live, !GoogleAccountStep.isOurs(live), id == "google-writer" {
        return [.stays("\(role) on \(what) stays with \(target.email), which is not ours")]
      }
    }
    return [
      .removable(
        Removal("\(role) on \(what), which \(member) has", verb: "take away") {
          try await cloud.perform(change("remove-iam-policy-binding", member))
          return .gone("took \(role) on \(what) from \(member)")
        })
    ]
  }
}
