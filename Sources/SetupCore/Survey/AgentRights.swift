import Kubernetes

/// A right that the agent needs, and what it cannot do without.
struct AgentRight: Sendable, Equatable {
  var verbs: [String]
  var resource: Resource
  var subresource: String?
  /// What breaks.
  var purpose: String

  init(_ verbs: [String], _ resource: Resource, _ subresource: String? = nil, without purpose: String) {
    self.verbs = verbs
    self.resource = resource
    self.subresource = subresource
    self.purpose = purpose
  }

  /// The same as questions.
  func requests(_ namespace: String) -> [AccessRequest] {
    verbs.map { verb in
      var request = AccessRequest(verb, resource, namespace: namespace)
      request.subresource = subresource
      return request
    }
  }
}

/// What the agent's service account needs in its namespace, as its plugin's calls show.
enum AgentRights {
  static let needed: [AgentRight] = [
    AgentRight(["create", "get", "list", "watch", "delete"], .pods, without: "no image of a model can be built"),
    AgentRight(["get", "create"], .pods, "attach", without: "the build of a model's image cannot be given its files"),
    AgentRight(["get"], .pods, "log", without: "a failed build cannot be explained"),
    AgentRight(["create", "get", "list", "delete"], .services, without: "no model can be reached or removed"),
    AgentRight(
      ["create", "get", "list", "delete"], .secrets, without: "no model gets the API token, or it stays behind"),
    AgentRight(
      ["create", "get", "list", "patch", "delete"], .deployments,
      without: "no model can be started, replaced or removed"),
    AgentRight(["get"], .deployments, "status", without: "a started model is never seen as ready"),
    AgentRight(["list"], .replicaSets, without: "a model that does not start cannot be explained"),
    AgentRight(["create", "get", "list", "delete"], .ingresses, without: "no model can be reached from outside"),
    AgentRight(
      ["create", "get", "list", "delete"], Resource(group: "policy", "poddisruptionbudgets", namespaced: true),
      without: "models with several replicas cannot be deployed"),
    AgentRight(
      ["create", "get", "list", "delete"],
      Resource(group: "autoscaling", "horizontalpodautoscalers", namespaced: true),
      without: "models that scale by load cannot be deployed"),
  ]

  /// Kubernetes asks for `create` on pods/attach beside `get` from this minor version on.
  static let attachCreateSince = 35
}

extension Probe {
  /// The rights of the agent's service account, as the chart gives them and as the cluster sees them.
  static let agentRights = Probe(
    "agent-rights", \.agentRights, page: .dataRobot, after: [.namespace, .render]
  ) { setup, survey in try await AgentRightsProbe.look(setup, survey) }
}

/// Compares what the chart's roles give the agent with what it needs, and asks the cluster for the rest.
enum AgentRightsProbe {
  static func look(_ setup: Setup, _ survey: Survey) async throws -> AgentRightsSummary {
    let rendered: RenderedChart
    switch survey.rendered {
    case .seen(let chart): rendered = chart
    case .failed(let failure): throw failure
    case .notAsked: throw ObservationFailure(.absent, "the chart was not rendered")
    }
    let namespace = try setup.namespace()
    guard let account = agentAccount(rendered) else {
      throw ObservationFailure(.absent, "the chart makes no Deployment, so nothing says who the agent is")
    }
    let client = try setup.kubernetes()
    var summary = AgentRightsSummary(account: account)
    var rules: [RBACRule] = []
    for binding in rendered.bindings(release: namespace)
    where binding.accounts.contains("\(namespace)/\(account)")
      && (binding.namespace == nil || binding.namespace == namespace)
    {
      summary.roles.append("\(binding.roleKind) \(binding.roleName)")
      if let own = rendered.rules(kind: binding.roleKind, name: binding.roleName) {
        rules += own
        continue
      }
      let resource: Resource = binding.roleKind == "ClusterRole" ? .clusterRoles : .roles
      do throws(KubernetesError) {
        let role = try await client.get(
          JSONValue.self, resource, name: binding.roleName, namespace: resource.isNamespaced ? namespace : nil)
        rules += RBACRule.rules(of: role.value)
      } catch {
        summary.unreadable.append("\(binding.roleKind) \(binding.roleName): \(error.message)")
      }
    }
    for right in AgentRights.needed {
      for verb in right.verbs
      where !rules.contains(where: {
        $0.allows(verb, group: right.resource.group, resource: right.resource.name, subresource: right.subresource)
      }) {
        var request = AccessRequest(verb, right.resource, namespace: namespace)
        request.subresource = right.subresource
        summary.missing.append(.init(request: request, purpose: right.purpose, elsewhere: .notAsked))
      }
    }
    try await askElsewhere(&summary, namespace, client)
    return summary
  }

  /// The account of the first workload that stays: the agent's chart runs one.
  private static func agentAccount(_ rendered: RenderedChart) -> String? {
    let workload =
      rendered.lasting.first { $0.kind == "Deployment" } ?? rendered.lasting.first { $0.kind == "StatefulSet" }
    return workload?.podSpec.map { $0["serviceAccountName"]?.string ?? $0["serviceAccount"]?.string ?? "default" }
  }

  /// What the chart does not give may be given by a role of the cluster: asked for the account by name.
  private static func askElsewhere(
    _ summary: inout AgentRightsSummary, _ namespace: String, _ client: KubernetesClient
  ) async throws {
    let user = "system:serviceaccount:\(namespace):\(summary.account)"
    let groups = ["system:serviceaccounts", "system:serviceaccounts:\(namespace)", "system:authenticated"]
    for index in summary.missing.indices {
      try Task.checkCancellation()
      do throws(KubernetesError) {
        let answer = try await client.review(summary.missing[index].request.attributes, user: user, groups: groups)
          .value
        if !answer.allowed, let error = answer.evaluationError, !error.isEmpty {
          summary.missing[index].elsewhere = .failed(ObservationFailure(.malformed, error))
        } else {
          summary.missing[index].elsewhere = .seen(answer.allowed)
        }
      } catch {
        let failure = ObservationFailure(error)
        // Who may not ask once may not ask again.
        for index in summary.missing.indices where summary.missing[index].elsewhere == .notAsked {
          summary.missing[index].elsewhere = .failed(failure)
        }
        return
      }
    }
  }
}

/// What the agent's service account may do of what it needs.
struct AgentRightsSummary: Sendable, Equatable {
  struct Missing: Sendable, Equatable {
    var request: AccessRequest
    /// What breaks without it.
    var purpose: String
    /// Whether the cluster allows it all the same.
    var elsewhere: Observed<Bool>
  }

  var account: String
  /// The roles that the chart binds to it: `Role bosun-agent`.
  var roles: [String] = []
  /// Roles that it binds and that could not be read.
  var unreadable: [String] = []
  /// What the chart does not give.
  var missing: [Missing] = []
}

extension Survey {
  /// The rights of the agent's service account.
  var agentRights: Observed<AgentRightsSummary> {
    get { self["cluster/agentRights"] }
    set { self["cluster/agentRights"] = newValue }
  }
}
