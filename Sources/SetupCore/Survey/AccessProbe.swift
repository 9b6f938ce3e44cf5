import Kubernetes

/// Asks the API server whether we may do each thing that the steps do.
enum AccessProbe {
  static func look(_ setup: Setup, _ survey: Survey) async throws -> [AccessAnswer] {
    let client = try setup.kubernetes()
    let exists = (survey.namespace.value ?? nil) != nil
    let requests = Set(Planner.steps(setup.answers).flatMap { $0.access(namespaceExists: exists) }).sorted()
    return await withTaskGroup(of: AccessAnswer.self) { group in
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
    attributes.namespace = namespace
    attributes.name = name
    return attributes
  }
}
