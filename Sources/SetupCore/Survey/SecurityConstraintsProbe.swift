import Kubernetes

extension Probe {
  /// Which of OpenShift's security context constraints the image builder's service account may use.
  static let securityConstraints = Probe(
    "security-constraints", \.builderConstraints, page: .dataRobot, after: [.apiGroups, .values, .render],
    evenWithout: [.render]
  ) { setup, survey in try await SecurityConstraintsProbe.look(setup, survey) }
}

/// Asks what OpenShift's own admission will ask: whether the account may `use` a constraint in its namespace, or is among
/// the constraint's users or groups (docs.openshift.com, "Managing security context constraints").
enum SecurityConstraintsProbe {
  static let resource = Resource(group: "security.openshift.io", "securitycontextconstraints", namespaced: false)

  static func look(_ setup: Setup, _ survey: Survey) async throws -> BuilderConstraints {
    let values = try survey.values.get("the chart's values were not read")
    let namespace = try setup.namespace()
    let builder = ImageBuilder(values)
    let account = ImageBuilder.account(
      values, rendered: survey.rendered.value, release: setup.answers[.release] ?? "",
      chart: survey.chart.value?.name ?? Chart.agentName)
    var found = BuilderConstraints(account: account, hostPaths: builder.hostPaths)
    guard survey.hasSecurityConstraints == true else { return found }
    let client = try setup.kubernetes()
    let user = "system:serviceaccount:\(namespace):\(account)"
    let groups = ["system:serviceaccounts", "system:serviceaccounts:\(namespace)", "system:authenticated"]
    let constraints: [SecurityConstraint]
    do throws(KubernetesError) {
      let list = try await client.raw(JSONValue.self, resource.path()).value
      constraints = (list["items"]?.array ?? []).map(SecurityConstraint.init)
      found.areAllKnown = true
    } catch {
      guard error.code == .forbidden else { throw error }
      constraints = SecurityConstraint.shipped  // Only administrators may list them.
    }
    for constraint in constraints where constraint.givesRoot(withHostPath: !builder.hostPaths.isEmpty) {
      try Task.checkCancellation()
      let request = AccessRequest("use", resource, namespace: namespace, name: constraint.name)
      let isNamed = constraint.users.contains(user) || !constraint.groups.isDisjoint(with: groups)
      let allowed = isNamed ? .seen(true) : await ask(request, client, user, groups)
      found.answers.append(AccessAnswer(request: request, allowed: allowed))
      if allowed == .seen(true) { break }
    }
    return found
  }

  /// The question in the whole cluster, or in the namespace alone where only that may be asked.
  private static func ask(
    _ request: AccessRequest, _ client: KubernetesClient, _ user: String, _ groups: [String]
  ) async -> Observed<Bool> {
    func review(in namespace: String?) async throws(KubernetesError) -> Observed<Bool> {
      let answer = try await client.review(request.attributes, user: user, groups: groups, namespace: namespace).value
      if !answer.allowed, let error = answer.evaluationError, !error.isEmpty {
        return .failed(ObservationFailure(.malformed, error))
      }
      return .seen(answer.allowed)
    }
    do throws(KubernetesError) {
      return try await review(in: nil)
    } catch {
      guard error.code == .forbidden else { return .failed(ObservationFailure(error)) }
    }
    do throws(KubernetesError) {
      return try await review(in: request.namespace)
    } catch {
      return .failed(ObservationFailure(error))
    }
  }
}

/// What counts of a SecurityContextConstraints (security.openshift.io/v1).
struct SecurityConstraint: Sendable, Equatable {
  var name: String
  /// Whether a pod that names no user runs as its image says, or as root.
  var letsRoot: Bool
  var letsHostPath: Bool
  var priority: Int
  var users: Set<String> = []
  var groups: Set<String> = []

  init(name: String, letsRoot: Bool = true, letsHostPath: Bool = false, priority: Int = 0) {
    self.name = name
    self.letsRoot = letsRoot
    self.letsHostPath = letsHostPath
    self.priority = priority
  }

  init(_ json: JSONValue) {
    let user = json["runAsUser"]
    name = json[path: "metadata", "name"]?.string ?? ""
    letsRoot = user?["type"] == "RunAsAny" || (user?["type"] == "MustRunAs" && user?["uid"] == 0)
    letsHostPath = json["allowHostDirVolumePlugin"] == true
    priority = json["priority"]?.integer ?? 0
    users = Set(json["users"]?.texts ?? [])
    groups = Set(json["groups"]?.texts ?? [])
  }

  /// Those of every OpenShift that could do.
  static let shipped = [
    SecurityConstraint(name: "anyuid", priority: 10), SecurityConstraint(name: "hostmount-anyuid", letsHostPath: true),
    SecurityConstraint(name: "privileged", letsHostPath: true),
  ]

  /// Whether the image builder runs as root under it. Of all constraints that an account may use OpenShift takes the one of
  /// the highest priority and then the most restrictive one: `restricted`, which everybody may use and which gives a
  /// number for a user, comes before those of no priority, unless the pod mounts a folder of the node, which it forbids.
  func givesRoot(withHostPath: Bool) -> Bool { letsRoot && (withHostPath ? letsHostPath : priority > 0) }
}

/// Which constraints the image builder's account may use of those that let it run as root.
struct BuilderConstraints: Sendable, Equatable {
  var account: String
  /// The folders of the node that the builder mounts.
  var hostPaths: [String]
  /// Whether all constraints of the cluster were seen; else those that OpenShift ships were asked for.
  var areAllKnown = false
  var answers: [AccessAnswer] = []

  init(account: String, hostPaths: [String]) {
    self.account = account
    self.hostPaths = hostPaths
  }

  /// The least of the shipped ones that does.
  var needed: String { hostPaths.isEmpty ? "anyuid" : "hostmount-anyuid" }
}

extension Survey {
  /// Which constraints the image builder's account may use.
  var builderConstraints: Observed<BuilderConstraints> {
    get { self["cluster/builderConstraints"] }
    set { self["cluster/builderConstraints"] = newValue }
  }

  /// Whether the cluster has security context constraints: OpenShift and MicroShift; nil: its API groups were not seen.
  var hasSecurityConstraints: Bool? {
    apiGroups.value.map { groups in
      ["security.openshift.io", "config.openshift.io", "route.openshift.io"].contains { groups.serves($0) }
    }
  }
}
