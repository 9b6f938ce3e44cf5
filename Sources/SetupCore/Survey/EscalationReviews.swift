import Kubernetes

/// Whether we may give away what the chart's roles grant. Kubernetes lets nobody make a Role that allows more than he may
/// himself, unless he holds `escalate`, nor bind one, unless he holds `bind` (kubernetes.io, "Using RBAC Authorization").
struct EscalationSummary: Sendable, Equatable {
  /// `escalate` and `bind`, where roles or bindings are made.
  var exceptions: [AccessAnswer] = []
  /// What the roles grant, asked for ourselves. Not asked where the exceptions are allowed.
  var granted: [AccessAnswer] = []
  /// Roles that are bound and could not be read.
  var unreadable: [String] = []
  /// Whether the roles are the chart's own; else those that an agent needs at least.
  var isRendered = true
}

enum EscalationReviews {
  static func look(_ client: KubernetesClient, _ setup: Setup, _ survey: Survey) async -> EscalationSummary {
    guard let namespace = setup.answers[.namespace] else { return EscalationSummary() }
    var summary = EscalationSummary()
    var exceptions: Set<AccessRequest> = []
    var granted: Set<AccessRequest> = []
    guard let rendered = survey.rendered.value else {
      summary.isRendered = false
      exceptions = [
        AccessRequest("escalate", .roles, namespace: namespace), AccessRequest("bind", .roles, namespace: namespace),
      ]
      granted = Set(AgentRights.needed.flatMap { $0.requests(namespace) })
      return await ask(summary, exceptions, granted, client)
    }
    for object in rendered.objects where object.kind == "Role" || object.kind == "ClusterRole" {
      let place = object.kind == "Role" ? object.namespace ?? namespace : nil
      exceptions.insert(
        AccessRequest("escalate", object.kind == "Role" ? .roles : .clusterRoles, namespace: place, name: object.name))
      granted.formUnion(RBACRule.rules(of: object.json).flatMap { $0.requests(namespace: place) })
    }
    for binding in rendered.objects.compactMap({ RBACBinding($0, release: namespace) }) {
      let resource: Resource = binding.roleKind == "ClusterRole" ? .clusterRoles : .roles
      exceptions.insert(AccessRequest("bind", resource, namespace: binding.namespace, name: binding.roleName))
      if rendered.rules(kind: binding.roleKind, name: binding.roleName) != nil { continue }
      do throws(KubernetesError) {
        let role = try await client.get(
          JSONValue.self, resource, name: binding.roleName, namespace: resource.isNamespaced ? namespace : nil
        ).value
        granted.formUnion(RBACRule.rules(of: role).flatMap { $0.requests(namespace: binding.namespace) })
      } catch {
        summary.unreadable.append("\(binding.roleKind) \(binding.roleName): \(error.message)")
      }
    }
    return await ask(summary, exceptions, granted, client)
  }

  private static func ask(
    _ summary: EscalationSummary, _ exceptions: Set<AccessRequest>, _ granted: Set<AccessRequest>,
    _ client: KubernetesClient
  ) async -> EscalationSummary {
    var summary = summary
    summary.exceptions = await AccessProbe.ask(exceptions.sorted(), client)
    // Whoever may escalate and bind needs nothing else, and is not asked a hundred things.
    if summary.exceptions.contains(where: { $0.allowed != .seen(true) }) {
      summary.granted = await AccessProbe.ask(granted.sorted(), client)
    }
    return summary
  }
}

extension EscalationSummary {
  /// Whether every exception of that verb is allowed.
  func mayAll(_ verb: String) -> Bool {
    exceptions.filter { $0.request.verb == verb }.allSatisfy { $0.allowed == .seen(true) }
  }
}

extension Resource {
  /// `clusterroles` of rbac.authorization.k8s.io/v1.
  static let clusterRoles = Resource(group: "rbac.authorization.k8s.io", "clusterroles", namespaced: false)
}

extension Survey {
  /// Whether we may give away what the chart's roles grant.
  var escalation: Observed<EscalationSummary> {
    get { self["cluster/escalation"] }
    set { self["cluster/escalation"] = newValue }
  }
}
