public import Kubernetes

extension Probe {
  /// Access reviews for all that the steps need, and for what the chart makes where it could be rendered.
  public static let access = Probe(
    "access", page: .cluster, after: [.namespace, .render, .discovery],
    failed: { failure in
      {
        $0.access = .failed(failure)
        $0.escalation = .failed(failure)
      }
    }, look: { setup, survey in try await AccessProbe.look(setup, survey) })
}

/// Asks the API server whether we may do each thing that the steps do.
enum AccessProbe {
  static func look(_ setup: Setup, _ survey: Survey) async throws -> SurveyUpdate {
    let client = try setup.kubernetes()
    let exists = (survey.namespace.value ?? nil) != nil
    let (chart, unread) = chart(setup, survey)
    let steps = Planner.steps(setup.answers).flatMap { step in
      // What is known of the chart itself takes the place of what charts usually make.
      if !chart.isEmpty, let release = step as? ReleaseStep { return release.ownAccess }
      return step.access(namespaceExists: exists)
    }
    // Whoever asks for a project becomes its administrator, and until then may do nothing in it.
    let isAskedFor = exists ? false : try await ProjectStep.isAskedFor(setup)
    let namespace = setup.answers[.namespace]
    let requests = Set(steps + chart).filter { !isAskedFor || $0.namespace != namespace }.sorted()
    async let answers = ask(requests, client)
    async let escalation = isAskedFor ? EscalationSummary() : EscalationReviews.look(client, setup, survey)
    let seen = await (answers + unread, escalation)
    return {
      $0.access = .seen(seen.0)
      $0.escalation = .seen(seen.1)
    }
  }

  /// What helm does with each object that the chart makes, and the kinds that could not be looked up: what may be done
  /// with those is not known.
  private static func chart(_ setup: Setup, _ survey: Survey) -> (requests: [AccessRequest], unread: [AccessAnswer]) {
    guard let objects = survey.rendered.value?.objects, let map = survey.discovery.value?.resources else {
      return ([], [])
    }
    var requests: [AccessRequest] = []
    var unread: [AccessAnswer] = []
    for object in objects {
      let found: Resource
      do throws(KubernetesError) {
        // A kind that the server does not know is what the rehearsal speaks of.
        guard let known = try map.resource(apiVersion: object.apiVersion, kind: object.kind) else { continue }
        found = known
      } catch {
        let parts = object.apiVersion.split(separator: "/").map(String.init)
        let singular = Resource(group: parts.count == 2 ? parts[0] : "", object.kind.lowercased(), namespaced: true)
        let request = AccessRequest("create", singular, namespace: setup.answers[.namespace])
        unread.append(AccessAnswer(request: request, allowed: .failed(ObservationFailure(error))))
        continue
      }
      let namespace = found.isNamespaced ? object.namespace ?? setup.answers[.namespace] : nil
      requests += ["get", "create", "patch", "delete"].map { verb in
        // A create cannot be allowed by name.
        let name = verb == "create" || object.name.isEmpty ? nil : object.name
        return AccessRequest(verb, found, namespace: namespace, name: name)
      }
    }
    return (requests, unread)
  }

  /// One review for each question, all side by side.
  static func ask(_ requests: [AccessRequest], _ client: KubernetesClient) async -> [AccessAnswer] {
    await withTaskGroup(of: AccessAnswer.self) { group in
      for request in requests {
        group.addTask {
          do {
            let answer = try await client.review(request.attributes).value
            if !answer.allowed, let error = answer.evaluationError, !error.isEmpty {
              return AccessAnswer(request: request, allowed: .failed(ObservationFailure(.malformed, error)))
            }
            return AccessAnswer(request: request, allowed: .seen(answer.allowed))
          } catch {
            return AccessAnswer(request: request, allowed: .failed(ObservationFailure(error)))
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }.sorted { $0.request < $1.request }
    }
  }
}

extension AccessRequest {
  /// The question as the API takes it.
  var attributes: ResourceAttributes {
    var attributes = ResourceAttributes()
    attributes.verb = verb
    attributes.group = group.isEmpty ? nil : group
    attributes.resource = resource
    attributes.subresource = subresource
    attributes.namespace = namespace
    attributes.name = name
    return attributes
  }
}

extension Survey {
  /// What we may do, of all that the steps need.
  public var access: Observed<[AccessAnswer]> {
    get { self["cluster/access"] }
    set { self["cluster/access"] = newValue }
  }
}

/// One thing the steps need to be allowed.
public struct AccessRequest: Sendable, Hashable, Comparable {
  /// `create`, `get`, `patch`.
  public var verb: String
  /// The API group; empty: the core.
  public var group: String
  /// The plural: `secrets`.
  public var resource: String
  /// `attach`; nil: the object itself.
  public var subresource: String?
  /// The namespace; nil: cluster-wide.
  public var namespace: String?
  /// The object's name; nil: any.
  public var name: String?

  /// A request from its parts.
  public init(_ verb: String, _ resource: Resource, namespace: String? = nil, name: String? = nil) {
    self.verb = verb
    self.group = resource.group
    self.resource = resource.name
    self.namespace = namespace
    self.name = name
  }

  /// `secrets`, `deployments.apps` or `pods/attach`, as kubectl writes it.
  public var qualifiedResource: String {
    (group.isEmpty ? resource : "\(resource).\(group)") + (subresource.map { "/\($0)" } ?? "")
  }

  /// By namespace, resource and verb.
  public static func < (left: AccessRequest, right: AccessRequest) -> Bool {
    (left.namespace ?? "", left.qualifiedResource, left.verb, left.name ?? "")
      < (right.namespace ?? "", right.qualifiedResource, right.verb, right.name ?? "")
  }
}

/// Whether we may.
public struct AccessAnswer: Sendable, Equatable {
  /// What was asked.
  public var request: AccessRequest
  /// The server's answer, or why there was none.
  public var allowed: Observed<Bool>

  /// An answer from its parts.
  public init(request: AccessRequest, allowed: Observed<Bool>) {
    self.request = request
    self.allowed = allowed
  }
}
