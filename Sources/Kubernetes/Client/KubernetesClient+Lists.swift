extension KubernetesClient {
  /// Reads a whole list, page by page. An expired continuation begins anew, so the list is of one version.
  public func list<Object: Decodable & Sendable>(
    _ type: Object.Type, _ resource: Resource, namespace: String? = nil, labelSelector: String? = nil,
    fieldSelector: String? = nil, pageSize: Int = 500
  ) async throws(KubernetesError) -> Answer<ObjectList<Object>> {
    try await pages { continuation in
      .list(
        resource, namespace: namespace, labelSelector: labelSelector, fieldSelector: fieldSelector, limit: pageSize,
        continueToken: continuation)
    }
  }

  /// Reads the metadata of a whole list: secrets without their data.
  public func listMetadata(
    _ resource: Resource, namespace: String? = nil, labelSelector: String? = nil, fieldSelector: String? = nil,
    pageSize: Int = 500
  ) async throws(KubernetesError) -> Answer<ObjectList<PartialObject>> {
    try await pages { continuation in
      .list(
        resource, namespace: namespace, labelSelector: labelSelector, fieldSelector: fieldSelector, limit: pageSize,
        continueToken: continuation, metadataOnly: true)
    }
  }

  private func pages<Object: Decodable & Sendable>(
    _ page: (String?) -> KubernetesRequest
  ) async throws(KubernetesError) -> Answer<ObjectList<Object>> {
    var restarts = 0
    var items: [Object] = []
    var warnings: [String] = []
    var continuation: String?
    while true {
      let answer: Answer<ObjectPage<Object>>
      do {
        answer = try await object(page(continuation))
      } catch {
        guard error.code == .expired, continuation != nil, restarts < Self.maximumRestarts else { throw error }
        restarts += 1
        items = []
        continuation = nil
        continue
      }
      items += answer.value.items
      for warning in answer.metadata.warnings where !warnings.contains(warning) { warnings.append(warning) }
      let next = answer.value.metadata.continue
      if let next, !next.isEmpty, next != continuation {
        continuation = next
        continue
      }
      var metadata = answer.metadata
      metadata.warnings = warnings
      return Answer(
        value: ObjectList(items: items, resourceVersion: answer.value.metadata.resourceVersion), metadata: metadata)
    }
  }
}
